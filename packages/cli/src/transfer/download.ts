/**
 * One object down. A connection that breaks is taken up where it broke, if the object is still the
 * same one; what arrives is checked against the length and the checksum that the store has kept.
 */
import { createChecksumFactory, type Checksum, type ChecksumAlgorithm } from "@s3r/shared/checksum";
import { CliError } from "../cli-error.ts";
import { toS3Error } from "../s3/s3-error.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import type { ChunkSink, S3Headers, S3Response } from "../s3/send.ts";
import type { DownloadTarget } from "./download-target.ts";
import { isComposite, parseObjectHead, type ObjectChecksum, type ObjectHead } from "./object-head.ts";
import type { TransferProgress } from "./progress.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { runUnit } from "./run-unit.ts";

export interface DownloadRequest {
  readonly key: string;
  readonly target: DownloadTarget;
}

export interface DownloadResult {
  readonly key: string;
  /** Bytes. */
  readonly bytes: number;
  readonly etag: string | undefined;
  /** What the bytes were held against beside their number; nothing where the store has none that could be. */
  readonly checksum: ObjectChecksum | undefined;
  readonly attempts: number;
}

/** What has been received so far, over all attempts. */
interface Received {
  bytes: number;
  /** Of the answer that the bytes began with; nothing when the next attempt must begin anew. */
  head: ObjectHead | undefined;
  checksum: Checksum | undefined;
}

interface Attempt {
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

function replaced(key: string): CliError {
  return new CliError("TransferFailed", `${key} changed while it was being read`, {
    reason: "the store has another object there now",
    hint: "try again when nothing writes to it",
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

/** Decides by the head of the answer what its body is: the rest, the whole, or an error's text. */
function acceptHead(status: number, headers: S3Headers, attempt: Attempt): ChunkSink | undefined {
  if (status !== 200 && status !== 206) return undefined;
  assertDelimited(headers, attempt.request.key);
  // A server that ignores Range answers 200 with the whole object (RFC 9110 14.2).
  if (status === 200) beginWith(parseObjectHead(headers), attempt);
  else assertContinues(headers, attempt);
  return sinkFor(attempt);
}

async function requestOnce(attempt: Attempt): Promise<S3Response> {
  const { request, received, world } = attempt;
  const signed = await world.resolve(
    { name: "GetObject", key: request.key, query: {} },
    { "x-amz-checksum-mode": "ENABLED" },
  );
  const { headers } = selectHeaders(signed.url, signed.announced);
  return await world.send({
    method: "GET",
    url: signed.url,
    headers: { ...headers, ...resumeHeaders(received) },
    onHead: (status, head) => acceptHead(status, head, attempt),
  });
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

async function attemptDownload(attempt: Attempt, number: number): Promise<DownloadResult> {
  const { request, received, world } = attempt;
  const wasResuming = isResuming(received);
  const { status, headers, text } = await requestOnce(attempt);
  if (wasResuming && (status === 412 || status === 416)) {
    received.head = undefined;
    throw replaced(request.key);
  }
  if (status !== 200 && status !== 206)
    throw toS3Error({ status, headers, body: text }, `GET ${request.key}`, world.now());
  const etag = received.head?.etag;
  const checksum = verify(attempt);
  return { key: request.key, bytes: received.bytes, etag, checksum, attempts: number };
}

/**
 * The target has the object, and nothing else, when this returns; whatever happens instead, it has been discarded.
 * @throws CliError
 */
export async function download(request: DownloadRequest, world: TransferWorld): Promise<DownloadResult> {
  const received: Received = { bytes: 0, head: undefined, checksum: undefined };
  const createChecksum = await createChecksumFactory();
  const shown = world.progress.begin(request.key, undefined);
  try {
    const result = await runUnit(world, (number) =>
      attemptDownload({ createChecksum, request, received, shown, world }, number),
    );
    await request.target.commit();
    return result;
  } finally {
    shown.end();
    await request.target.discard();
  }
}
