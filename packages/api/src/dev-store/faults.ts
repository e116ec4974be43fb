/**
 * What can go wrong at a store and on the way to it, on purpose and by name, so that clients can be tried against it. Without a plan nothing
 * of it ever happens.
 */
import { Transform, type TransformCallback } from "node:stream";
import { S3Error } from "./s3-error.ts";

export const FAULT_NAMES = [
  /** 503 SlowDown. */
  "slow-down",
  /** 500 InternalError. */
  "internal-error",
  /** 403, as if the URL had expired. */
  "expired-url",
  /** The connection is reset, sooner or later. */
  "reset",
  /** It is done, and the connection reset before the answer. */
  "lost-answer",
  /** No answer ever comes. */
  "stall",
  /** Of an object that is read, half; then the connection is closed. */
  "truncate",
  /** One byte of a body, in either direction, becomes another one. */
  "corrupt",
] as const;

export type FaultName = (typeof FAULT_NAMES)[number];

/** How probable each is for a request, from 0 to 1. */
export type FaultPlan = Readonly<Partial<Record<FaultName, number>>>;

/** @param random from 0 to 1. @returns what befalls the next request. */
export function createFaults(plan: FaultPlan, random: () => number): () => FaultName | undefined {
  return () => {
    let left = random();
    for (const name of FAULT_NAMES) {
      left -= plan[name] ?? 0;
      if (left < 0) return name;
    }
    return undefined;
  };
}

/** What is answered instead, if the fault is an answer. */
export function refusalOf(fault: FaultName | undefined): S3Error | undefined {
  if (fault === "slow-down") return new S3Error("SlowDown", "Please reduce your request rate.");
  if (fault === "internal-error")
    return new S3Error("InternalError", "We encountered an internal error. Please try again.");
  return fault === "expired-url" ? new S3Error("AccessDenied", "Request has expired") : undefined;
}

function corrupted(chunk: Uint8Array): Buffer {
  const copy = Buffer.from(chunk);
  const at = copy.byteLength >> 1;
  if (copy.byteLength > 0) copy.writeUInt8(copy.readUInt8(at) ^ 0x20, at);
  return copy;
}

/** The same bytes, but for one of the first chunk. */
export async function* corruptFirst(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of chunks) {
    yield isFirst ? corrupted(chunk) : chunk;
    isFirst = false;
  }
}

/** What a body of this length passes through on its way out; nothing when it is left alone. */
export function damageBody(fault: FaultName | undefined, length: number): Transform | undefined {
  if (fault !== "truncate" && fault !== "corrupt") return undefined;
  let sent = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      if (fault === "truncate" && sent + chunk.byteLength > length / 2) {
        done(new Error("truncated on purpose"));
        return;
      }
      done(null, fault === "corrupt" && sent === 0 ? corrupted(chunk) : chunk);
      sent += chunk.byteLength;
    },
  });
}
