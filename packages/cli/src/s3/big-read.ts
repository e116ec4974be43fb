/**
 * Reads of a socket in large pieces, into one buffer. Node's own reads bring 64 KiB, and a download
 * spends most of its time on going around for the next one.
 *
 * The buffer is filled again as soon as its piece has been taken. So this is only for answers that are
 * consumed at once, piece by piece, and never held back: what undici would put aside in a pause would
 * change under its hands.
 */
import type { Socket } from "node:net";

/** Twice as much was no faster, and each of up to 32 connections has such a buffer. */
const READ_BYTES = 512 * 1024;

/**
 * Smaller pieces are copied. A socket stops reading when it holds this much, so a larger one is taken
 * before the next comes; and the head of an answer, of which undici keeps slices until it is complete, is in small ones.
 */
const COPIED_BYTES = 64 * 1024;

/**
 * Where they are copied to, round and round: all pieces of a TLS connection are small, and a new buffer for each would
 * be garbage by the gigabyte. It is more than a socket holds (COPIED_BYTES, and a piece more), a head may have and is left over at
 * the end, and no larger: with many connections, each of many small answers, all of it is in use.
 */
const ARENA_BYTES = 5 * COPIED_BYTES;

export interface BigRead {
  readonly buffer: Uint8Array;
  readonly callback: (this: Socket, bytes: number, buffer: Uint8Array) => boolean;
}

function createArena(): (piece: Uint8Array) => Uint8Array {
  const arena = Buffer.allocUnsafeSlow(ARENA_BYTES);
  let used = 0;
  return (piece) => {
    if (used + piece.byteLength > ARENA_BYTES) used = 0;
    const copy = arena.subarray(used, used + piece.byteLength);
    copy.set(piece);
    used += piece.byteLength;
    return copy;
  };
}

/** The `onread` option of `net.connect` and `tls.connect`, which undici's connector passes on. One for each connection. */
export function createBigRead(): BigRead {
  const keep = createArena();
  return {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback(bytes, buffer) {
      const piece = buffer.subarray(0, bytes);
      return this.push(bytes < COPIED_BYTES ? keep(piece) : piece);
    },
  };
}
