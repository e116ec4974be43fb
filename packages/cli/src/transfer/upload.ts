/** One object up: checksum first, then resolve and send, as often as it takes. */
import { setTimeout as delay } from "node:timers/promises";
import { MAX_SINGLE_PUT_BYTES, type Operation } from "@s3r/shared";
import { createChecksum } from "@s3r/shared/checksum";
import { CliError } from "../cli-error.ts";
import { toS3Error } from "../s3/s3-error.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import type { S3Headers, S3Message, S3Response } from "../s3/send.ts";
import type { TransferProgress } from "./progress.ts";
import { readAsBody, readThrough, type Source } from "./source.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { announcedHeaders, CRC32_HEADER, headersToSend, type UploadRequest } from "./upload-headers.ts";
import { withRetries } from "./with-retries.ts";

export interface UploadResult {
  readonly key: string;
  /** Bytes. */
  readonly bytes: number;
  readonly etag: string | undefined;
  /** Base64. */
  readonly crc32: string;
  readonly attempts: number;
}

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

/** What the attempts before have left behind. */
interface History {
  /** The store may have the object, though it has not said so. */
  mayBeStored: boolean;
  /** The connection broke while the body was on its way. */
  wasCutOff: boolean;
}

interface Attempt {
  readonly request: UploadRequest;
  readonly crc32: string;
  readonly shown: TransferProgress;
  readonly number: number;
  readonly history: History;
}

/** All of it may have arrived, and what the server did with it is not known (RFC 9110 15.6). */
const UNCERTAIN: ReadonlySet<number> = new Set([500, 502, 504]);

/**
 * A store that refuses by the head and closes resets the connection, and the reset overtakes its answer
 * (undici sees ECONNRESET in a third to two thirds of such uploads). So the body of the next attempt waits a little for it.
 */
async function sendBody(
  { request: { source }, shown, history }: Attempt,
  message: S3Message,
  { send, patienceMilliseconds }: TransferWorld,
): Promise<S3Response> {
  const answered = new AbortController();
  const wait = async (): Promise<void> => {
    await delay(patienceMilliseconds, undefined, { signal: answered.signal }).catch(() => {});
  };
  let sent = 0;
  const onSent = (bytes: number): void => {
    sent = bytes;
    shown.update(bytes);
  };
  try {
    const hold = history.wasCutOff ? wait : undefined;
    const body = source.size === 0 ? {} : { body: readAsBody(source, onSent, hold) };
    const answer = await send({ ...message, ...body });
    history.mayBeStored ||= UNCERTAIN.has(answer.status);
    return answer;
  } catch (error) {
    history.wasCutOff = sent < source.size;
    history.mayBeStored ||= sent === source.size;
    throw error;
  } finally {
    answered.abort();
  }
}

async function sendOnce(attempt: Attempt, world: TransferWorld): Promise<S3Response> {
  const { request, crc32, shown } = attempt;
  const { source, key } = request;
  const operation: Operation = { name: "PutObject", key, query: {} };
  shown.update(0);
  const signed = await world.resolve(operation, announcedHeaders(request, crc32));
  const headers = await headersToSend(signed, source, world.retry.signal);
  return await sendBody(attempt, { method: signed.method, url: signed.url, headers }, world);
}

async function attemptUpload(attempt: Attempt, world: TransferWorld): Promise<UploadResult> {
  const { request, crc32, number, history } = attempt;
  const answer = await sendOnce(attempt, world);
  const result = { key: request.key, bytes: request.source.size, crc32, attempts: number };
  // Only 2xx is success: a redirect of the store's own has stored nothing.
  if (answer.status >= 200 && answer.status < 300) return { ...result, etag: single(answer.headers, "etag") };
  if (answer.status === 412 && history.mayBeStored && (await isOurs(request, crc32, world)))
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
    const history: History = { mayBeStored: false, wasCutOff: false };
    return await withRetries(world.retry, (number) => attemptUpload({ request, crc32, shown, number, history }, world));
  } finally {
    shown.end();
  }
}
