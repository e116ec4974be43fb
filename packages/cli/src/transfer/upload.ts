/** One object up: checksum first, then resolve and send, as often as it takes. */
import { createHash } from "node:crypto";
import { MAX_SINGLE_PUT_BYTES, type Operation } from "@s3r/shared";
import { CHECKSUMS, createChecksum } from "@s3r/shared/checksum";
import type { Resolve, SignedRequest } from "../api/resolve.ts";
import { CliError } from "../cli-error.ts";
import { toS3Error } from "../s3/s3-error.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import type { S3Headers, S3Response, Send } from "../s3/send.ts";
import type { Progress, TransferProgress } from "./progress.ts";
import { readAsBody, readThrough, type Source } from "./source.ts";
import { withRetries, type RetryWorld } from "./with-retries.ts";

export interface TransferWorld {
  readonly resolve: Resolve;
  readonly send: Send;
  readonly retry: RetryWorld;
  readonly progress: Progress;
  readonly now: () => Date;
}

export interface UploadRequest {
  readonly source: Source;
  readonly key: string;
  readonly contentType: string;
  readonly cacheControl: string | undefined;
  /** By lower-case names, without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Fail when the object is there. */
  readonly noClobber: boolean;
}

export interface UploadResult {
  readonly key: string;
  /** Bytes. */
  readonly bytes: number;
  readonly etag: string | undefined;
  /** Base64. */
  readonly crc32: string;
  readonly attempts: number;
}

const { header: CRC32_HEADER } = CHECKSUMS.CRC32;

/** @throws CliError Usage before any byte moves. */
export function assertUploadable({ name, size }: Pick<Source, "name" | "size">): void {
  if (size <= MAX_SINGLE_PUT_BYTES) return;
  throw new CliError("Usage", `${name} is too large`, {
    reason: `it has ${size} bytes, and one PUT carries at most ${MAX_SINGLE_PUT_BYTES} (5 GiB)`,
    hint: "split it for now: uploads in parts are on their way",
  });
}

async function computeCrc32(source: Source, signal: AbortSignal): Promise<string> {
  const checksum = await createChecksum("CRC32");
  await readThrough(source, (chunk) => checksum.update(chunk), signal);
  return checksum.digest();
}

async function computeMd5(source: Source, signal: AbortSignal): Promise<string> {
  const md5 = createHash("md5");
  await readThrough(source, (chunk) => void md5.update(chunk), signal);
  return md5.digest("base64");
}

function announcedHeaders(
  { source, contentType, cacheControl, metadata, noClobber }: UploadRequest,
  crc32: string,
): Record<string, string> {
  return {
    "content-length": String(source.size),
    "content-type": contentType,
    ...(cacheControl === undefined ? {} : { "cache-control": cacheControl }),
    ...(noClobber ? { "if-none-match": "*" } : {}),
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
    [CRC32_HEADER]: crc32,
    // Ceph looks at the checksum only with this beside it.
    "x-amz-sdk-checksum-algorithm": "CRC32",
  };
}

/** A redirector that does not sign checksums still lets the store check an MD5, which need not be signed. */
async function headersToSend(
  signed: SignedRequest,
  source: Source,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const { headers, unsigned } = selectHeaders(signed.url, signed.announced);
  const lost = unsigned.filter((name) => name.startsWith("x-amz-meta-"));
  if (lost.length > 0) {
    throw new CliError("UnsafeServer", "the API does not sign what was asked for", {
      reason: `its URL does not cover ${lost.join(", ")}, and the store would refuse it`,
      hint: "leave --metadata out, or use an s3r API",
    });
  }
  if (!unsigned.includes(CRC32_HEADER)) return headers;
  return { ...headers, "content-md5": await computeMd5(source, signal) };
}

function single(headers: S3Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

/** Whether the object that is there is the one we meant to put: an earlier attempt has succeeded and its answer was lost. */
async function isOurs(request: UploadRequest, crc32: string, { resolve, send }: TransferWorld): Promise<boolean> {
  const signed = await resolve(
    { name: "HeadObject", key: request.key, query: {} },
    { "x-amz-checksum-mode": "ENABLED" },
  );
  const { headers } = selectHeaders(signed.url, signed.announced);
  const answer = await send({ method: "HEAD", url: signed.url, headers });
  return (
    answer.status === 200 &&
    single(answer.headers, "content-length") === String(request.source.size) &&
    single(answer.headers, CRC32_HEADER) === crc32
  );
}

interface Attempt {
  readonly request: UploadRequest;
  readonly crc32: string;
  readonly shown: TransferProgress;
  readonly number: number;
}

async function sendOnce({ request, crc32, shown }: Attempt, world: TransferWorld): Promise<S3Response> {
  const { source, key } = request;
  const operation: Operation = { name: "PutObject", key, query: {} };
  shown.update(0);
  const signed = await world.resolve(operation, announcedHeaders(request, crc32));
  const headers = await headersToSend(signed, source, world.retry.signal);
  const body = source.size === 0 ? {} : { body: readAsBody(source, (bytes) => shown.update(bytes)) };
  return await world.send({ method: signed.method, url: signed.url, headers, ...body });
}

async function attemptUpload(attempt: Attempt, world: TransferWorld): Promise<UploadResult> {
  const { request, crc32, number } = attempt;
  const answer = await sendOnce(attempt, world);
  const result = { key: request.key, bytes: request.source.size, crc32, attempts: number };
  // Only 2xx is success: a redirect of the store's own has stored nothing.
  if (answer.status >= 200 && answer.status < 300) return { ...result, etag: single(answer.headers, "etag") };
  if (answer.status === 412 && number > 1 && (await isOurs(request, crc32, world)))
    return { ...result, etag: undefined };
  const error = toS3Error(
    { status: answer.status, headers: answer.headers, body: answer.text },
    `PUT ${request.key}`,
    world.now(),
  );
  throw answer.status === 412 && request.noClobber ? alreadyThere(request.key, error) : error;
}

function alreadyThere(key: string, cause: CliError): CliError {
  return new CliError("PreconditionFailed", `${key} is there already`, {
    reason: "--no-clobber was given",
    hint: "choose another key, or leave --no-clobber out to replace it",
    cause,
  });
}

/** @throws CliError */
export async function upload(request: UploadRequest, world: TransferWorld): Promise<UploadResult> {
  const { source } = request;
  assertUploadable(source);
  const crc32 = await computeCrc32(source, world.retry.signal);
  const shown = world.progress.begin(source.name, source.size);
  try {
    return await withRetries(world.retry, (number) => attemptUpload({ request, crc32, shown, number }, world));
  } finally {
    shown.end();
  }
}
