/** One object up with one PUT: checksum first, then resolve and send, as often as it takes. */
import type { Operation } from "@s3r/shared";
import { createChecksum } from "@s3r/shared/checksum";
import type { SignedRequest } from "../api/resolve.ts";
import type { SignQuestion } from "../api/sign-batch.ts";
import { CliError } from "../cli-error.ts";
import { toS3Error } from "../s3/s3-error.ts";
import type { S3Headers, S3Response } from "../s3/send.ts";
import type { ObjectChecksum } from "../s3/object-checksum.ts";
import { headObject } from "./head-object.ts";
import type { TransferProgress } from "./progress.ts";
import { runUnit } from "./run-unit.ts";
import { sendBody, type History } from "./send-body.ts";
import { usableUntil, type SignedAhead } from "./signed-ahead.ts";
import { readThrough } from "./source.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { putHeaders, headersToSend, type UploadRequest } from "./upload-headers.ts";
import type { UploadResult } from "./upload-result.ts";

/** What is to be put, and its checksum: all that its signature is about. */
export interface PreparedPut {
  readonly request: UploadRequest;
  readonly checksum: ObjectChecksum;
}

/** Reads the source once. @throws CliError LocalIo */
export async function preparePut(request: UploadRequest, signal: AbortSignal): Promise<PreparedPut> {
  const checksum = await createChecksum(request.checksum);
  await readThrough(request.source, (chunk) => checksum.update(chunk), signal);
  return { request, checksum: { algorithm: request.checksum, value: checksum.digest() } };
}

/** What the API is to be asked, for those who ask for many at once. */
export function putQuestion({ request, checksum }: PreparedPut): SignQuestion {
  const operation: Operation = { name: "PutObject", key: request.key, query: {} };
  return { operation, announced: putHeaders(request, checksum) };
}

function single(headers: S3Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

/** Whether the object that is there is the one we meant to put: an earlier attempt has succeeded and its answer was lost. */
async function isOurs({ request, checksum }: PreparedPut, world: TransferWorld): Promise<boolean> {
  const head = await headObject(request.key, world);
  return (
    head?.size === request.source.size &&
    head.checksum?.algorithm === checksum.algorithm &&
    head.checksum.value === checksum.value
  );
}

interface Attempt {
  readonly prepared: PreparedPut;
  readonly shown: TransferProgress;
  readonly number: number;
  readonly history: History;
  /** For the first attempt. */
  readonly ahead: SignedAhead | undefined;
}

async function sign({ prepared, number, ahead }: Attempt, { resolve, now }: TransferWorld): Promise<SignedRequest> {
  if (number === 1 && ahead !== undefined && now().getTime() < usableUntil(ahead)) return ahead.signed;
  const { operation, announced } = putQuestion(prepared);
  return await resolve(operation, announced);
}

async function sendOnce(attempt: Attempt, world: TransferWorld): Promise<S3Response> {
  const { prepared, shown, history } = attempt;
  const { source } = prepared.request;
  shown.update(0);
  const signed = await sign(attempt, world);
  const headers = await headersToSend(signed, source, world.retry.signal);
  const message = { method: signed.method, url: signed.url, headers };
  return await sendBody({ source, history, onSent: (bytes) => shown.update(bytes) }, message, world);
}

async function attemptPut(attempt: Attempt, world: TransferWorld): Promise<UploadResult> {
  const { prepared, number, history } = attempt;
  const { key, source, noClobber } = prepared.request;
  const answer = await sendOnce(attempt, world);
  const result = {
    key,
    bytes: source.size,
    checksum: prepared.checksum,
    attempts: number,
    parts: undefined,
    reused: 0,
  };
  // Only 2xx is success: a redirect of the store's own has stored nothing.
  if (answer.status >= 200 && answer.status < 300) return { ...result, etag: single(answer.headers, "etag") };
  if (answer.status === 412 && history.mayBeStored && (await isOurs(prepared, world)))
    return { ...result, etag: undefined };
  const error = toS3Error(
    { status: answer.status, headers: answer.headers, body: answer.text },
    `PUT ${key}`,
    world.now(),
  );
  throw answer.status === 412 && noClobber ? alreadyThere(key, error) : error;
}

function alreadyThere(key: string, cause: CliError): CliError {
  return new CliError("PreconditionFailed", `${key} is there already`, {
    reason: "--no-clobber was given",
    hint: "choose another key, or leave --no-clobber out to replace it",
    cause,
  });
}

/**
 * @param ahead for the first attempt, if it is still usable then.
 * @throws CliError
 */
export async function putObject(
  prepared: PreparedPut,
  world: TransferWorld,
  ahead?: SignedAhead,
): Promise<UploadResult> {
  const { source } = prepared.request;
  const shown = world.progress.begin(source.name, source.size);
  try {
    const history: History = { mayBeStored: false, wasCutOff: false };
    return await runUnit(world, (number) => attemptPut({ prepared, shown, number, history, ahead }, world));
  } finally {
    shown.end();
  }
}
