/** One range of a large object: the same unit of work as a whole object. What broke goes on where it broke. */
import type { Checksum } from "@s3r/shared/checksum";
import { toS3Error } from "../s3/s3-error.ts";
import type { ChunkSink, S3Headers } from "../s3/send.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import { cutOff, noRanges, otherRange, replacedObject, StartOver } from "./download-error.ts";
import type { ObjectHead } from "./object-head.ts";
import type { PartialFile } from "./partial-file.ts";
import type { Part } from "./part-plan.ts";
import { runUnit } from "./run-unit.ts";
import type { SharedSignature } from "./shared-signature.ts";
import type { TransferWorld } from "./transfer-world.ts";

/** A part that is being received, over all attempts. */
export interface PartState {
  readonly part: Part;
  /** Bytes so far. */
  received: number;
  /** Of the bytes so far, without those that are gathered. */
  checksum: Checksum;
  /** What came last, in small pieces, and is not in the file yet. */
  gathered: Gathered | undefined;
}

interface Gathered {
  readonly buffer: Buffer;
  bytes: number;
}

export interface RangeWorld {
  readonly key: string;
  readonly head: ObjectHead;
  readonly file: PartialFile;
  readonly signature: SharedSignature;
  readonly world: TransferWorld;
  /** Of a range that has failed for good: no other begins then, and those that move end. */
  failure: Error | undefined;
  /** So many bytes more are there; fewer, if it is negative. */
  readonly count: (bytes: number) => void;
  readonly beginChecksum: () => Checksum;
  /** Buffers that have been used to gather, and are free again. */
  readonly spareBuffers: Buffer[];
}

/**
 * Smaller pieces are gathered, so that there are fewer, larger writes: TLS brings no more than 16 KiB at once (RFC 8446 5.1), and a write for
 * each took a third of the time.
 */
const GATHERED_BYTES = 256 * 1024;
const SMALL_BYTES = 64 * 1024;

function store(state: PartState, piece: Uint8Array, position: number, { file }: RangeWorld): void {
  file.write(piece, position);
  state.checksum.update(piece);
}

/** Brings what is gathered into the file. */
function flush(state: PartState, range: RangeWorld): void {
  const { gathered } = state;
  if (gathered === undefined) return;
  state.gathered = undefined;
  store(state, gathered.buffer.subarray(0, gathered.bytes), state.part.start + state.received - gathered.bytes, range);
  range.spareBuffers.push(gathered.buffer);
}

function gather(state: PartState, piece: Uint8Array, range: RangeWorld): void {
  if (state.gathered !== undefined && state.gathered.bytes + piece.byteLength > GATHERED_BYTES) flush(state, range);
  state.gathered ??= { buffer: range.spareBuffers.pop() ?? Buffer.allocUnsafeSlow(GATHERED_BYTES), bytes: 0 };
  state.gathered.buffer.set(piece, state.gathered.bytes);
  state.gathered.bytes += piece.byteLength;
}

/** Takes the bytes of a part. @returns how many of them belonged to it. */
export function takePiece(state: PartState, chunk: Uint8Array, range: RangeWorld): number {
  const piece = chunk.subarray(0, state.part.size - state.received);
  if (piece.byteLength === 0) return 0;
  if (piece.byteLength < SMALL_BYTES) gather(state, piece, range);
  else {
    flush(state, range);
    store(state, piece, state.part.start + state.received, range);
  }
  state.received += piece.byteLength;
  if (state.received === state.part.size) flush(state, range);
  range.world.lanes.moved(piece.byteLength);
  range.count(piece.byteLength);
  return piece.byteLength;
}

/** Nobody knows which of its bytes are wrong. */
function forget(state: PartState, { count, beginChecksum }: RangeWorld): void {
  count(-state.received);
  state.received = 0;
  state.gathered = undefined;
  state.checksum = beginChecksum();
}

function sinkFor(state: PartState, range: RangeWorld): ChunkSink {
  return (chunk) => {
    if (range.failure !== undefined) throw range.failure;
    if (takePiece(state, chunk, range) === chunk.byteLength) return;
    forget(state, range);
    throw otherRange(range.key);
  };
}

interface Asked {
  readonly first: number;
  readonly last: number;
}

function acceptHead(headers: S3Headers, { first, last }: Asked, { key, head: { etag, size } }: RangeWorld): void {
  const [, from, to, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/u.exec(String(headers["content-range"])) ?? [];
  // A store that ignores If-Match, and has another object there now.
  const isOther = total !== undefined && (Number(total) !== size || headers["etag"] !== etag);
  if (isOther) throw new StartOver(replacedObject(key));
  if (Number(from) !== first || Number(to) !== last) throw otherRange(key);
}

async function requestRange(state: PartState, range: RangeWorld): Promise<void> {
  const { key, head, signature, world } = range;
  const { start, size } = state.part;
  const asked: Asked = { first: start + state.received, last: start + size - 1 };
  const signed = await signature.get();
  const { headers } = selectHeaders(signed.url, signed.announced);
  try {
    const answer = await world.send({
      method: "GET",
      url: signed.url,
      headers: { ...headers, range: `bytes=${asked.first}-${asked.last}`, "if-match": head.etag ?? "" },
      onHead(status, heads) {
        // A server that ignores Range answers with the whole object (RFC 9110 14.2): then it has to be read in its order.
        if (status === 200) throw new StartOver(noRanges(key), false);
        if (status !== 206) return undefined;
        acceptHead(heads, asked, range);
        return sinkFor(state, range);
      },
    });
    if (answer.status === 412 || answer.status === 416) throw new StartOver(replacedObject(key));
    if (answer.status !== 206)
      throw toS3Error({ status: answer.status, headers: answer.headers, body: answer.text }, `GET ${key}`, world.now());
  } catch (error) {
    signature.replace(signed);
    throw error;
  }
}

async function attemptRange(state: PartState, range: RangeWorld): Promise<void> {
  if (range.failure !== undefined) throw range.failure;
  // An answer may break after its last byte, too.
  if (state.received < state.part.size) await requestRange(state, range);
  if (state.received < state.part.size) throw cutOff(range.key);
}

/** @throws CliError of the last attempt, StartOver. */
export async function getRange(state: PartState, range: RangeWorld): Promise<void> {
  try {
    await runUnit(range.world, async () => await attemptRange(state, range));
  } catch (error) {
    if (error instanceof Error) range.failure ??= error;
    throw error;
  }
}
