/** One range of a large object: the same unit of work as a whole object. What broke goes on where it broke. */
import type { Checksum } from "@s3r/shared/checksum";
import { CliError } from "../cli-error.ts";
import { toS3Error } from "../s3/s3-error.ts";
import type { ChunkSink, S3Headers } from "../s3/send.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
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
  /** Nothing where the object has no checksum that could be computed of its parts. */
  checksum: Checksum | undefined;
}

export interface RangeWorld {
  readonly key: string;
  readonly head: ObjectHead;
  readonly file: PartialFile;
  readonly signature: SharedSignature;
  readonly world: TransferWorld;
  /** Of a range that has failed for good: no other begins then. */
  failure: Error | undefined;
  readonly moved: (bytes: number) => void;
  readonly beginChecksum: () => Promise<Checksum | undefined>;
}

/** The store answers a range with all of it: then it has to be read in its order. */
export class RangesIgnored extends Error {
  override readonly name = "RangesIgnored";
}

export function replacedObject(key: string): CliError {
  return new CliError("TransferFailed", `${key} changed while it was being read`, {
    reason: "the store has another object there now",
    hint: "try again when nothing writes to it",
    retry: { reason: "corrupt" },
  });
}

function otherRange(key: string): CliError {
  return new CliError("IntegrityMismatch", `${key} did not arrive as it is stored`, {
    reason: "the store answered with another range than was asked for",
    hint: "try again; if it stays, the way to the store is damaged",
    retry: { reason: "corrupt" },
  });
}

function cutOff(key: string): CliError {
  return new CliError("Unavailable", `${key} ended too early`, {
    reason: "the connection was closed in the middle",
    hint: "check the network, and try again",
    retry: { reason: "transient" },
  });
}

/** Takes the bytes of a part. @returns how many of them belonged to it. */
export function takePiece(state: PartState, chunk: Uint8Array, { file, moved }: RangeWorld): number {
  const piece = chunk.subarray(0, state.part.size - state.received);
  if (piece.byteLength === 0) return 0;
  file.write(piece, state.part.start + state.received);
  state.checksum?.update(piece);
  state.received += piece.byteLength;
  moved(piece.byteLength);
  return piece.byteLength;
}

function isExactly(headers: S3Headers, first: number, last: number, head: ObjectHead): boolean {
  return headers["content-range"] === `bytes ${first}-${last}/${head.size}` && headers["etag"] === head.etag;
}

function sinkFor(state: PartState, range: RangeWorld): ChunkSink {
  return (chunk) => {
    if (takePiece(state, chunk, range) < chunk.byteLength) throw otherRange(range.key);
  };
}

async function attemptRange(state: PartState, range: RangeWorld): Promise<void> {
  const { key, head, signature, world } = range;
  if (range.failure !== undefined) throw range.failure;
  state.checksum ??= await range.beginChecksum();
  const [first, last] = [state.part.start + state.received, state.part.start + state.part.size - 1];
  const signed = await signature.get();
  const { headers } = selectHeaders(signed.url, signed.announced);
  try {
    const {
      status,
      headers: answered,
      text,
    } = await world.send({
      method: "GET",
      url: signed.url,
      headers: { ...headers, range: `bytes=${first}-${last}`, "if-match": head.etag ?? "" },
      onHead(code, heads) {
        if (code === 200) throw new RangesIgnored();
        if (code !== 206) return undefined;
        if (!isExactly(heads, first, last, head)) throw otherRange(key);
        return sinkFor(state, range);
      },
    });
    if (status === 412 || status === 416) throw replacedObject(key);
    if (status !== 206) throw toS3Error({ status, headers: answered, body: text }, `GET ${key}`, world.now());
    if (state.received < state.part.size) throw cutOff(key);
  } catch (error) {
    signature.replace(signed);
    throw error;
  }
}

/** @throws CliError of the last attempt, RangesIgnored. */
export async function getRange(state: PartState, range: RangeWorld): Promise<void> {
  try {
    await runUnit(range.world, async () => await attemptRange(state, range));
  } catch (error) {
    if (error instanceof Error) range.failure ??= error;
    throw error;
  }
}
