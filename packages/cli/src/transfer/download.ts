/**
 * One object down. A connection that breaks is taken up where it broke, if the object is still the
 * same one; what arrives is checked against the length and the checksum that the store has kept.
 */
import { createChecksumFactory, type Checksum, type ChecksumAlgorithm } from "@s3r/shared/checksum";
import { CliError, type CliErrorCode } from "../cli-error.ts";
import { toS3Error } from "../s3/s3-error.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import type { ChunkSink, S3Headers, S3Response } from "../s3/send.ts";
import { FirstPartDone, startRanges, type Ranged, type RangedRequest } from "./download-ranges.ts";
import type { DownloadTarget } from "./download-target.ts";
import { RangesIgnored, replacedObject } from "./get-range.ts";
import { isComposite, parseObjectHead, type ObjectChecksum, type ObjectHead } from "./object-head.ts";
import type { PartialFile } from "./partial-file.ts";
import { DEFAULT_PART_BYTES, partSizeFor } from "./part-plan.ts";
import type { TransferProgress } from "./progress.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { runUnit } from "./run-unit.ts";
import { createSharedSignature, type SharedSignature } from "./shared-signature.ts";
import type { SignedAhead } from "./signed-ahead.ts";

export interface DownloadRequest {
  readonly key: string;
  readonly target: DownloadTarget;
  /** Of the ranges that a large object comes in, in bytes; chosen by its size otherwise. */
  readonly partSize?: number | undefined;
  /** For the first attempt, if it is still usable then. */
  readonly ahead?: SignedAhead | undefined;
}

export interface DownloadResult {
  readonly key: string;
  /** Bytes. */
  readonly bytes: number;
  readonly etag: string | undefined;
  /** What the bytes were held against beside their number; nothing where the store has none that could be. */
  readonly checksum: ObjectChecksum | undefined;
  readonly attempts: number;
  /** How many, for an object that came in several at once. */
  readonly parts: number | undefined;
  /** Bytes that were there already, from an earlier run. */
  readonly reused: number;
}

/** What is as large as so many parts comes in several at once. */
const PARTS_WORTHWHILE = 4;

/** What has been received so far, over all attempts. */
interface Received {
  bytes: number;
  /** Of the answer that the bytes began with; nothing when the next attempt must begin anew. */
  head: ObjectHead | undefined;
  checksum: Checksum | undefined;
}

interface Attempt {
  /** Of the ranges that the object comes in, once it has turned out to be large. */
  ranged: Ranged | undefined;
  file: PartialFile | undefined;
  /** Whether it may come in ranges. */
  mayRange: boolean;
  readonly signature: SharedSignature;
  readonly createChecksum: (algorithm: ChecksumAlgorithm) => Checksum;
  readonly request: DownloadRequest;
  readonly received: Received;
  readonly shown: TransferProgress;
  readonly world: TransferWorld;
}

function verifiable(head: ObjectHead): ObjectChecksum | undefined {
  return head.checksum === undefined || isComposite(head.checksum) ? undefined : head.checksum;
}

/** Only from a strong ETag: a weak one names several byte sequences (RFC 9110 13.1.1). */
function resumeHeaders({ bytes, head }: Received): Record<string, string> {
  const etag = head?.etag;
  return bytes > 0 && etag?.startsWith('"') === true ? { range: `bytes=${bytes}-`, "if-match": etag } : {};
}

function isResuming(received: Received): boolean {
  return Object.keys(resumeHeaders(received)).length > 0;
}

function mismatch(key: string, reason: string): CliError {
  return new CliError("IntegrityMismatch", `${key} did not arrive as it is stored`, {
    reason,
    hint: "try again; if it stays, the object or the way to it is damaged",
    retry: { reason: "corrupt" },
  });
}

/** An answer without a length, and not in chunks either, ends like a broken one: nobody could tell. */
function assertDelimited(headers: S3Headers, key: string): void {
  if (headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined) return;
  throw new CliError("UnsafeServer", `the store does not say how long ${key} is`, {
    reason: "a body that was cut would look whole",
    hint: "check what stands between you and the store",
  });
}

/** Takes back what was written and begins with the head of a whole object. */
function beginWith(head: ObjectHead, { request: { target }, received, shown, createChecksum }: Attempt): void {
  if (received.bytes > 0 && !target.canRestart) {
    throw new CliError("TransferFailed", `${target.name} has taken bytes that cannot be taken back`, {
      reason: "the download has to begin anew",
      hint: "read it again, or into a file",
    });
  }
  if (received.bytes > 0) target.restart();
  const stored = verifiable(head);
  received.bytes = 0;
  received.head = head;
  received.checksum = stored === undefined ? undefined : createChecksum(stored.algorithm);
  shown.setTotal(head.size);
}

/** 206 from exactly where we are, of the same object. */
function assertContinues(headers: S3Headers, { request, received }: Attempt): void {
  const head = parseObjectHead(headers);
  const range = headers["content-range"];
  const start = /^bytes (\d{1,15})-/u.exec(typeof range === "string" ? range : "")?.[1];
  if (Number(start) === received.bytes && head.etag === received.head?.etag && head.size === received.head?.size)
    return;
  received.head = undefined;
  throw mismatch(request.key, "the store answered with another range than was asked for");
}

function sinkFor({ request, received, shown }: Attempt): ChunkSink {
  return (chunk) => {
    received.checksum?.update(chunk);
    received.bytes += chunk.byteLength;
    const pending = request.target.write(chunk);
    shown.update(received.bytes);
    return pending;
  };
}

/** Large, the same as long as its ETag is, and for a target that takes bytes in any order. */
function isWorthRanges(head: ObjectHead, { request, received, mayRange }: Attempt): head is RangedRequest["head"] {
  const partSize = request.partSize ?? DEFAULT_PART_BYTES;
  return (
    mayRange &&
    received.bytes === 0 &&
    request.target.openPartial !== undefined &&
    head.etag?.startsWith('"') === true &&
    (head.size ?? 0) >= PARTS_WORTHWHILE * partSize
  );
}

function beginRanges(head: RangedRequest["head"], attempt: Attempt): ChunkSink | undefined {
  const { request, shown, world, signature, createChecksum } = attempt;
  const { key, target } = request;
  const stored = verifiable(head);
  const partSize = partSizeFor(head.size, request.partSize);
  const { stateDirectory, endpoint } = world;
  const { size, etag = "" } = head;
  const file = target.openPartial?.({ stateDirectory, endpoint, key, size, etag, partSize });
  if (file === undefined) return undefined;
  attempt.file = file;
  shown.setTotal(size);
  const firstChecksum = stored === undefined ? undefined : createChecksum(stored.algorithm);
  attempt.ranged = startRanges({ key, head, stored, firstChecksum, file, partSize, signature, shown, world });
  return attempt.ranged.sink;
}

/** Decides by the head of the answer what its body is: the rest, the whole, or an error's text. */
function acceptHead(status: number, headers: S3Headers, attempt: Attempt): ChunkSink | undefined {
  if (status !== 200 && status !== 206) return undefined;
  assertDelimited(headers, attempt.request.key);
  const head = parseObjectHead(headers);
  if (status === 200 && isWorthRanges(head, attempt)) return beginRanges(head, attempt);
  // A server that ignores Range answers 200 with the whole object (RFC 9110 14.2).
  if (status === 200) beginWith(head, attempt);
  else assertContinues(headers, attempt);
  return sinkFor(attempt);
}

async function requestOnce(attempt: Attempt): Promise<S3Response> {
  const { received, world, signature } = attempt;
  const signed = await signature.get();
  const { headers } = selectHeaders(signed.url, signed.announced);
  try {
    return await world.send({
      method: "GET",
      url: signed.url,
      headers: { ...headers, ...resumeHeaders(received) },
      onHead: (status, head) => acceptHead(status, head, attempt),
    });
  } finally {
    // Each attempt has a URL of its own; the ranges of a large object go on with this one.
    if (attempt.ranged === undefined) signature.replace(signed);
  }
}

function verify({ request: { key }, received }: Attempt): ObjectChecksum | undefined {
  const { bytes, head, checksum } = received;
  const stored = head === undefined ? undefined : verifiable(head);
  // Whatever is wrong, the next attempt must not build on it.
  received.head = undefined;
  received.checksum = undefined;
  if (head?.size !== undefined && bytes !== head.size)
    throw mismatch(key, `it has ${head.size} bytes, and ${bytes} came`);
  if (stored !== undefined && checksum?.digest() !== stored.value)
    throw mismatch(key, `its ${stored.algorithm} is another one than the store's`);
  return stored;
}

/** The first attempts, until all is there or it has turned out to be large. @returns nothing in the latter case. */
async function attemptWhole(attempt: Attempt, number: number): Promise<DownloadResult | undefined> {
  const { request, received, world } = attempt;
  const wasResuming = isResuming(received);
  try {
    const { status, headers, text } = await requestOnce(attempt);
    if (attempt.ranged !== undefined) return undefined;
    if (wasResuming && (status === 412 || status === 416)) {
      received.head = undefined;
      throw replacedObject(request.key);
    }
    if (status !== 200 && status !== 206)
      throw toS3Error({ status, headers, body: text }, `GET ${request.key}`, world.now());
  } catch (error) {
    if (attempt.ranged === undefined || !(error instanceof Error)) throw error;
    // What the first answer did not bring is asked for, unless it has failed for good.
    if (!(error instanceof FirstPartDone) && !isTransient(error)) attempt.ranged.fail(error);
    return undefined;
  }
  const etag = received.head?.etag;
  const checksum = verify(attempt);
  return { key: request.key, bytes: received.bytes, etag, checksum, attempts: number, parts: undefined, reused: 0 };
}

function isTransient(error: unknown): boolean {
  return error instanceof CliError && error.retry !== undefined;
}

async function finishRanges(ranged: Ranged, attempt: Attempt): Promise<DownloadResult> {
  const { key } = attempt.request;
  await ranged.finish();
  const { head, stored, parts } = ranged;
  const value = await ranged.checksum();
  if (stored !== undefined && value !== stored.value)
    throw mismatch(key, `its ${stored.algorithm} is another one than the store's`);
  return { key, bytes: head.size, etag: head.etag, checksum: stored, attempts: 1, parts, reused: ranged.reused() };
}

/** How often an object that was wrong as a whole is got again. */
const AGAIN = 2;

async function downloadOnce(attempt: Attempt): Promise<DownloadResult> {
  const result = await runUnit(attempt.world, (number) => attemptWhole(attempt, number));
  if (result !== undefined) return result;
  if (attempt.ranged === undefined) throw new TypeError("neither whole nor in ranges");
  return await finishRanges(attempt.ranged, attempt);
}

/** Only the whole can tell that something is wrong with it: then all of it is got again. */
async function downloadAgain(attempt: Attempt): Promise<DownloadResult> {
  for (let again = 0; ; again += 1) {
    try {
      return await downloadOnce(attempt);
    } catch (error) {
      const isWrong = error instanceof CliError && error.retry?.reason === "corrupt";
      const isIgnored = error instanceof RangesIgnored;
      if (attempt.ranged === undefined || again >= AGAIN || !(isWrong || isIgnored)) throw error;
      attempt.world.retry.trace(`getting ${attempt.request.key} anew (${error.message})`);
      attempt.mayRange = !isIgnored;
      attempt.file?.restart();
      attempt.ranged = undefined;
      attempt.request.target.restart();
    }
  }
}

/** After these another run can go on with what is there. */
const CONTINUABLE: ReadonlySet<CliErrorCode> = new Set([
  "Unavailable",
  "Interrupted",
  "Terminated",
  "LocalIo",
  "Unauthenticated",
]);

/** Keeps what a later run can go on with, and says so. */
function endUnfinished(error: unknown, { file }: Attempt): unknown {
  if (!(error instanceof CliError) || file?.isFound !== true || !CONTINUABLE.has(error.code)) return error;
  file.keep();
  return new CliError(error.code, error.message, {
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    hint: `${error.hint === undefined ? "" : `${error.hint}; `}the same command goes on where this one ended`,
    cause: error,
  });
}

/**
 * The target has the object, and nothing else, when this returns. Otherwise it is as it was: what has come of a large object is kept
 * beside it for the same command to go on with, and of others nothing is.
 * @throws CliError
 */
export async function download(request: DownloadRequest, world: TransferWorld): Promise<DownloadResult> {
  const { key, target, ahead } = request;
  const shown = world.progress.begin(key, undefined);
  const attempt: Attempt = {
    ranged: undefined,
    file: undefined,
    mayRange: true,
    signature: createSharedSignature(key, world, ahead),
    createChecksum: await createChecksumFactory(),
    request,
    received: { bytes: 0, head: undefined, checksum: undefined },
    shown,
    world,
  };
  try {
    const result = await downloadAgain(attempt);
    await target.commit();
    return result;
  } catch (error) {
    throw endUnfinished(error, attempt);
  } finally {
    shown.end();
    await target.discard();
  }
}
