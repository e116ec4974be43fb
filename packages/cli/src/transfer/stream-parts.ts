/**
 * Bytes of unknown number, cut into parts as they come. Parts grow, so that 10,000 of them hold terabytes; those that are too large
 * for the memory wait in a file without a name.
 */
import { randomBytes } from "node:crypto";
import { open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAX_SINGLE_PUT_BYTES } from "@s3r/shared";
import { toLocalError } from "../cli-error.ts";
import { createBufferSource, openHandleSource, type Source } from "./source.ts";

/** Smaller than those of files: they wait in memory until they have arrived. */
const FIRST_PART_BYTES = 8 * 1024 ** 2;

/** Larger ones go into a file. */
const MAX_MEMORY_BYTES = 16 * 1024 ** 2;

/** So many parts have one size, and the next twice that. */
const PARTS_OF_ONE_SIZE = 500;

/** @param number from 1. @param first of the first part, in bytes. */
export function streamPartSize(number: number, first = FIRST_PART_BYTES): number {
  return Math.min(MAX_SINGLE_PUT_BYTES, first * 2 ** Math.floor((number - 1) / PARTS_OF_ONE_SIZE));
}

/** Takes chunks of any size and gives out as many bytes as are asked for. */
interface StreamReader {
  /** Shows as many of the next bytes as there are, at most `size`, piece by piece. @returns how many. */
  take(size: number, write: (piece: Uint8Array) => Promise<void> | void): Promise<number>;
  /** Puts bytes in front of those that are to come. */
  giveBack(bytes: Uint8Array): void;
}

function createStreamReader(chunks: AsyncIterable<Uint8Array | string>): StreamReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  return {
    async take(size, write) {
      let taken = 0;
      while (taken < size) {
        if (rest.byteLength === 0) {
          const next = await iterator.next();
          if (next.done === true) break;
          rest = typeof next.value === "string" ? Buffer.from(next.value) : next.value;
          continue;
        }
        const piece = rest.subarray(0, size - taken);
        rest = rest.subarray(piece.byteLength);
        await write(piece);
        taken += piece.byteLength;
      }
      return taken;
    },
    giveBack(bytes) {
      rest = Buffer.concat([bytes, rest]);
    },
  };
}

/** Memory for parts that is used again: fresh buffers would be garbage by the gigabyte before any is collected. */
interface BufferPool {
  take(size: number): Buffer;
  giveBack(buffer: Buffer): void;
}

function createBufferPool(): BufferPool {
  let free: Buffer[] = [];
  return {
    take(size) {
      // Sizes only grow: what is smaller is not asked for again.
      free = free.filter(({ byteLength }) => byteLength >= size);
      return free.pop() ?? Buffer.allocUnsafeSlow(size);
    },
    giveBack: (buffer) => void free.push(buffer),
  };
}

async function takeToMemory(reader: StreamReader, size: number, name: string, pool: BufferPool): Promise<Source> {
  const buffer = pool.take(size);
  let filled = 0;
  await reader.take(size, (piece) => {
    buffer.set(piece, filled);
    filled += piece.byteLength;
  });
  const source = createBufferSource(buffer.subarray(0, filled), name);
  return {
    ...source,
    [Symbol.asyncDispose]() {
      pool.giveBack(buffer);
      return Promise.resolve();
    },
  };
}

/** @throws CliError LocalIo when there is no room. */
async function takeToFile(reader: StreamReader, size: number, name: string): Promise<Source> {
  const path = join(tmpdir(), `s3r-${randomBytes(8).toString("hex")}`);
  try {
    const handle = await open(path, "wx+", 0o600);
    try {
      // Whatever happens to the process, nothing is left behind.
      await unlink(path);
      await reader.take(size, async (piece) => void (await handle.write(piece)));
      return await openHandleSource(handle, name);
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw toLocalError(error, `cannot keep a part of ${name}`);
  }
}

/** The parts of a stream, one after the other. */
export interface PartReader {
  /** The next bytes as a source, as many as there are; an empty one at the end. It is to be disposed of. */
  next(size: number): Promise<Source>;
  /** All that are left, in a file. */
  rest(maximum: number): Promise<Source>;
  /** Takes back the bytes of a source, to be the next again. */
  giveBack(source: Source): Promise<void>;
}

/** @param name of the stream, for people. */
export function createPartReader(chunks: AsyncIterable<Uint8Array | string>, name: string): PartReader {
  const reader = createStreamReader(chunks);
  const pool = createBufferPool();
  return {
    next: (size) => (size > MAX_MEMORY_BYTES ? takeToFile(reader, size, name) : takeToMemory(reader, size, name, pool)),
    rest: (maximum) => takeToFile(reader, maximum, name),
    async giveBack(source) {
      const bytes = Buffer.allocUnsafe(source.size);
      await source.read(bytes, 0);
      reader.giveBack(bytes);
    },
  };
}
