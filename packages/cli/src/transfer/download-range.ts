/** A range of an object, in its order. No checksum is of a part: only its length is checked, and that all of it is of one version. */
import { toS3Error } from "../s3/s3-error.ts";
import { CliError } from "../cli-error.ts";
import type { ChunkSink, S3Headers } from "../s3/send.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import { exactRange, formatByteRange, type ByteRange, type ExactRange } from "./byte-range.ts";
import type { DownloadResult } from "./download.ts";
import { cannotTakeBack, cutOff, noRanges, otherRange, replacedObject } from "./download-error.ts";
import type { DownloadTarget } from "./download-target.ts";
import { strongEtag } from "./object-head.ts";
import type { TransferProgress } from "./progress.ts";
import { runUnit } from "./run-unit.ts";
import type { TransferWorld } from "./transfer-world.ts";

export interface RangeRequest {
  readonly key: string;
  readonly range: ByteRange;
  readonly target: DownloadTarget;
}

/** What the first answer said. */
interface Begun extends ExactRange {
  readonly size: number;
  readonly etag: string | undefined;
}

interface Attempt extends RangeRequest {
  /** Bytes that have come since. */
  received: number;
  begun: Begun | undefined;
  readonly shown: TransferProgress;
  readonly world: TransferWorld;
}

function single(headers: S3Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

function outside(key: string, headers: S3Headers): CliError {
  const size = /^bytes \*\/(\d{1,15})$/u.exec(single(headers, "content-range") ?? "")?.[1];
  return new CliError("Usage", `${key} has no such bytes`, {
    reason: size === undefined ? "the range is outside of it" : `it has ${size} bytes`,
    hint: "s3r stat shows its size",
  });
}

/** Without a strong ETag nobody knows whether the rest is of the same object. */
function beginAgainIfNeeded(attempt: Attempt): void {
  const { begun, received, target } = attempt;
  if (begun === undefined || strongEtag(begun) !== undefined) return;
  if (received > 0 && !target.canRestart) throw cannotTakeBack(target.name);
  if (received > 0) target.restart();
  attempt.begun = undefined;
  attempt.received = 0;
}

function headersFor({ range, received, begun }: Attempt): Record<string, string> {
  if (begun?.etag === undefined) return { range: formatByteRange(range) };
  return { range: formatByteRange(begun, received), "if-match": begun.etag };
}

/** @throws CliError for an answer that is of other bytes than were asked for. */
function assertAsked(answered: Begun, { key, range, received, begun }: Attempt): void {
  if (begun === undefined) {
    const asked = exactRange(range, answered.size);
    if (answered.first !== asked.first || answered.last !== asked.last) throw noRanges(key);
  } else {
    if (answered.etag !== begun.etag || answered.size !== begun.size) throw replacedObject(key);
    if (answered.first !== begun.first + received || answered.last !== begun.last) throw otherRange(key);
  }
}

function acceptHead(headers: S3Headers, attempt: Attempt): ChunkSink {
  const { key, shown, target } = attempt;
  const text = single(headers, "content-range") ?? "";
  const [, first, last, size] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/u.exec(text) ?? [];
  if (first === undefined) throw noRanges(key);
  const answered = { first: Number(first), last: Number(last), size: Number(size), etag: single(headers, "etag") };
  assertAsked(answered, attempt);
  attempt.begun ??= answered;
  const length = attempt.begun.last - attempt.begun.first + 1;
  shown.setTotal(length);
  return (chunk) => {
    if (attempt.received + chunk.byteLength > length) throw otherRange(key);
    attempt.received += chunk.byteLength;
    const pending = target.write(chunk);
    shown.update(attempt.received);
    return pending;
  };
}

async function request(attempt: Attempt): Promise<void> {
  const { key, world } = attempt;
  const signed = await world.resolve({ name: "GetObject", key, query: {} });
  const { headers } = selectHeaders(signed.url, signed.announced);
  const answer = await world.send({
    method: "GET",
    url: signed.url,
    headers: { ...headers, ...headersFor(attempt) },
    onHead(status, heads) {
      if (status === 200) throw noRanges(key);
      return status === 206 ? acceptHead(heads, attempt) : undefined;
    },
  });
  if (answer.status === 412) throw replacedObject(key);
  if (answer.status === 416) throw attempt.begun === undefined ? outside(key, answer.headers) : replacedObject(key);
  if (answer.status !== 206)
    throw toS3Error({ status: answer.status, headers: answer.headers, body: answer.text }, `GET ${key}`, world.now());
}

function isWhole({ begun, received }: Attempt): boolean {
  return begun !== undefined && received === begun.last - begun.first + 1;
}

async function attemptRange(attempt: Attempt, number: number): Promise<DownloadResult> {
  const { key } = attempt;
  // An answer may break after its last byte, too.
  if (!isWhole(attempt)) {
    beginAgainIfNeeded(attempt);
    await request(attempt);
  }
  if (!isWhole(attempt)) throw cutOff(key);
  const { received: bytes, begun } = attempt;
  return { key, bytes, etag: begun?.etag, checksum: undefined, attempts: number, parts: undefined, reused: 0 };
}

/**
 * The target has the range, and nothing else, when this returns; otherwise it is as it was.
 * @throws CliError Usage for a range that the object does not have.
 */
export async function downloadRange(
  { key, range, target }: RangeRequest,
  world: TransferWorld,
): Promise<DownloadResult> {
  const shown = world.progress.begin(key, undefined);
  const attempt: Attempt = { key, range, target, received: 0, begun: undefined, shown, world };
  try {
    const result = await runUnit(world, (number) => attemptRange(attempt, number));
    await target.commit();
    return result;
  } finally {
    shown.end();
    await target.discard();
  }
}
