/** Makes one object of the parts, and finds out whether that has happened when the answer does not say. */
import { createHash } from "node:crypto";
import { CHECKSUMS, combineChecksums, type CombinableAlgorithm } from "@s3r/shared/checksum";
import type { ChecksumAlgorithm } from "@s3r/shared/checksum";
import { CliError } from "../cli-error.ts";
import { formatPartList, parseCompletion, type CompletedPart } from "../s3/multipart-xml.ts";
import type { ObjectChecksum } from "../s3/object-checksum.ts";
import { toS3Error } from "../s3/s3-error.ts";
import type { S3Response } from "../s3/send.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import { headObject } from "./head-object.ts";
import { runUnit } from "./run-unit.ts";
import { createBufferSource, readAsBody } from "./source.ts";
import type { TransferWorld } from "./transfer-world.ts";

export interface Completion {
  readonly key: string;
  readonly uploadId: string;
  /** In the order of their numbers. */
  readonly parts: readonly (CompletedPart & { readonly size: number })[];
  readonly algorithm: ChecksumAlgorithm;
  readonly noClobber: boolean;
}

export interface Completed {
  readonly etag: string | undefined;
  readonly checksum: ObjectChecksum;
}

/** What stands in the way of completing is not to be tried again as it is: `reason` says how to go on. */
export class CannotComplete extends Error {
  override readonly name = "CannotComplete";
  /** `gone`: there is no such upload; `conflict`: another write came between; `parts`: the store has other parts. */
  readonly reason: "gone" | "conflict" | "parts";
  readonly error: CliError;

  constructor(reason: CannotComplete["reason"], error: CliError) {
    super(error.message, { cause: error });
    this.reason = reason;
    this.error = error;
  }
}

function isCombinable(algorithm: ChecksumAlgorithm): algorithm is CombinableAlgorithm {
  return CHECKSUMS[algorithm].multipartTypes.includes("FULL_OBJECT");
}

/**
 * Of the whole object, or of the checksums of its parts where the algorithm knows no other.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
function objectChecksum({ algorithm, parts }: Pick<Completion, "algorithm" | "parts">): ObjectChecksum {
  if (isCombinable(algorithm)) {
    const pieces = parts.map(({ checksum: { value }, size }) => ({ value, size }));
    return { algorithm, value: combineChecksums(algorithm, pieces) };
  }
  const hash = createHash(algorithm.toLowerCase());
  for (const { checksum } of parts) hash.update(checksum.value, "base64");
  return { algorithm, value: `${hash.digest("base64")}-${parts.length}` };
}

function announcedHeaders(completion: Completion, body: Buffer, whole: ObjectChecksum): Record<string, string> {
  const { parts, noClobber, algorithm } = completion;
  return {
    "content-length": String(body.byteLength),
    "x-amz-mp-object-size": String(parts.reduce((sum, { size }) => sum + size, 0)),
    ...(isCombinable(algorithm)
      ? { [CHECKSUMS[algorithm].header]: whole.value, "x-amz-checksum-type": "FULL_OBJECT" }
      : {}),
    ...(noClobber ? { "if-none-match": "*" } : {}),
  };
}

/** The ETag that S3 gives an object of parts whose ETags are MD5s: of these, and their number. */
function expectedEtag(parts: Completion["parts"]): string | undefined {
  const hashes = parts.map(({ etag }) => /^"([0-9a-f]{32})"$/u.exec(etag)?.[1] ?? "");
  if (hashes.includes("")) return undefined;
  const hash = createHash("md5")
    .update(Buffer.from(hashes.join(""), "hex"))
    .digest("hex");
  return `"${hash}-${parts.length}"`;
}

/** Whether the object that is there is the one of these parts: never another one's that happens to be there. */
async function isOurs(
  completion: Completion,
  whole: ObjectChecksum,
  world: TransferWorld,
): Promise<Completed | undefined> {
  const head = await headObject(completion.key, world);
  const size = completion.parts.reduce((sum, part) => sum + part.size, 0);
  if (head?.size !== size) return undefined;
  const sameChecksum =
    head.checksum?.algorithm === whole.algorithm &&
    head.checksum.value === whole.value &&
    isCombinable(whole.algorithm);
  const sameEtag = head.etag !== undefined && head.etag === expectedEtag(completion.parts);
  return sameChecksum || sameEtag ? { etag: head.etag, checksum: whole } : undefined;
}

function notUnderstood(key: string): CliError {
  return new CliError("Unavailable", `the store did not say whether ${key} is complete`, {
    reason: "its answer was cut off, or is not S3's",
    hint: "run the same command again",
    retry: { reason: "transient" },
  });
}

function errorOf({ status, headers, text }: S3Response, key: string, now: Date): CliError {
  // An error that comes with 200 was not foreseen when the status was sent: it is a 500 of its own.
  return toS3Error({ status: status < 300 ? 500 : status, headers, body: text }, `POST ${key}`, now);
}

const PART_ERRORS = /^(?:InvalidPart|InvalidPartOrder|EntityTooSmall)\b/u;

/** What an answer that is no success means. */
function refusalOf(answer: S3Response, key: string, now: Date): CliError | CannotComplete {
  const isError = /<Error[\s>]/u.test(answer.text);
  if (answer.status < 300 && !isError) return notUnderstood(key);
  const error = errorOf(answer, key, now);
  const code = error.reason ?? "";
  if (/^NoSuchUpload\b/u.test(code)) return new CannotComplete("gone", error);
  if (/^ConditionalRequestConflict\b/u.test(code)) return new CannotComplete("conflict", error);
  if (PART_ERRORS.test(code)) return new CannotComplete("parts", error);
  return error;
}

interface Attempt {
  readonly completion: Completion;
  readonly whole: ObjectChecksum;
  readonly body: Buffer;
  /** Whether an earlier attempt may have succeeded. */
  readonly history: { mayBeDone: boolean };
}

async function attemptCompletion(attempt: Attempt, world: TransferWorld): Promise<Completed> {
  const { completion, whole, body, history } = attempt;
  const { key, uploadId } = completion;
  const operation = { name: "CompleteMultipartUpload", key, query: { uploadId } } as const;
  const signed = await world.resolve(operation, announcedHeaders(completion, body, whole));
  const { headers } = selectHeaders(signed.url, signed.announced);
  const mayHaveBeenDone = history.mayBeDone;
  history.mayBeDone = true;
  const source = createBufferSource(body, "the list of parts");
  const message = { method: signed.method, url: signed.url, headers, body: readAsBody(source, { onSent: () => {} }) };
  const answer = await world.send(message);
  const completed = answer.status < 300 ? parseCompletion(answer.text) : undefined;
  if (completed !== undefined) return { etag: completed.etag, checksum: whole };
  const refusal = refusalOf(answer, key, world.now());
  // What was refused with an error of its own has not been done; what was not understood may have been.
  history.mayBeDone = mayHaveBeenDone || answer.status < 300 || answer.status >= 500;
  const isTaken = answer.status === 412 || (refusal instanceof CannotComplete && refusal.reason === "gone");
  const ours = isTaken && mayHaveBeenDone ? await isOurs(completion, whole, world) : undefined;
  if (ours !== undefined) return ours;
  throw refusal;
}

/**
 * @throws CannotComplete when the upload has to go on otherwise, and CliError.
 */
export async function completeUpload(completion: Completion, world: TransferWorld): Promise<Completed> {
  const whole = objectChecksum(completion);
  const body = Buffer.from(formatPartList(completion.parts));
  const history = { mayBeDone: false };
  return await runUnit(world, () => attemptCompletion({ completion, whole, body, history }, world));
}
