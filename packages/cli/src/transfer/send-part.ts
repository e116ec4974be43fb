/** One part of an upload on its way: the same unit of work as a whole object. */
import { CHECKSUMS, createChecksum, type ChecksumAlgorithm } from "@s3r/shared/checksum";
import { CliError } from "../cli-error.ts";
import type { CompletedPart } from "../s3/multipart-xml.ts";
import type { ObjectChecksum } from "../s3/object-checksum.ts";
import { toS3Error } from "../s3/s3-error.ts";
import type { S3Response } from "../s3/send.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import type { PartQuestion, PartSigner } from "./part-signer.ts";
import { runUnit } from "./run-unit.ts";
import { sendBody, type History } from "./send-body.ts";
import { readThrough, type Source } from "./source.ts";
import type { TransferWorld } from "./transfer-world.ts";

export interface PartUpload {
  readonly key: string;
  readonly signer: PartSigner;
  readonly algorithm: ChecksumAlgorithm;
  /** Whether the store or the API wants each part's checksum before its bytes; learnt from their refusals. */
  announcesChecksums: boolean;
  /** Checksums that were computed ahead, by part numbers. */
  readonly known: Map<number, ObjectChecksum>;
  /** Of a part that has failed for good: no other begins then. */
  failure: CliError | undefined;
}

export interface PartToSend {
  readonly number: number;
  readonly source: Source;
  /** Bytes of it that have gone; may go back. */
  readonly onSent: (bytes: number) => void;
}

export async function checksumOf(
  source: Source,
  algorithm: ChecksumAlgorithm,
  signal: AbortSignal,
): Promise<ObjectChecksum> {
  const checksum = await createChecksum(algorithm);
  await readThrough(source, (chunk) => checksum.update(chunk), signal);
  return { algorithm, value: checksum.digest() };
}

/** What is announced, and signed, of a part. */
export function partQuestion(number: number, size: number, checksum: ObjectChecksum | undefined): PartQuestion {
  const announced = {
    "content-length": String(size),
    ...(checksum === undefined ? {} : { [CHECKSUMS[checksum.algorithm].header]: checksum.value }),
  };
  return { number, announced };
}

/**
 * Refusals of parts without a checksum: by a policy with `requireChecksum` (428; there are no other preconditions of a part), and by a
 * store that computes none of its own for this upload ("Checksum Type mismatch occurred", boto/botocore#3216).
 */
function asksForChecksum(error: unknown): boolean {
  return (
    error instanceof CliError &&
    (error.code === "PreconditionFailed" || /Checksum Type mismatch occurred/u.test(error.reason ?? ""))
  );
}

function single(headers: S3Response["headers"], name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

function damaged(number: number, algorithm: ChecksumAlgorithm): CliError {
  return new CliError("IntegrityMismatch", `part ${number} did not arrive as it was sent`, {
    reason: `its ${algorithm} at the store is another one`,
    hint: "try again; if it stays, the way to the store is damaged",
    retry: { reason: "corrupt" },
  });
}

interface Attempt {
  readonly part: PartToSend;
  readonly upload: PartUpload;
  readonly history: History;
  readonly number: number;
}

/** The checksum is known before the bytes go, or computed as they do. */
async function sendOnce(
  { part, upload, history, number }: Attempt,
  world: TransferWorld,
): Promise<{ readonly answer: S3Response; readonly checksum: ObjectChecksum }> {
  const { source, onSent } = part;
  const { algorithm, signer, announcesChecksums } = upload;
  onSent(0);
  const known = announcesChecksums
    ? (upload.known.get(part.number) ?? (await checksumOf(source, algorithm, world.retry.signal)))
    : undefined;
  const question = partQuestion(part.number, source.size, known);
  const signed = await (number === 1 ? signer.sign(question) : signer.signAnew(question));
  const running = await createChecksum(algorithm);
  const { headers } = selectHeaders(signed.url, signed.announced);
  const onChunk = known === undefined ? { onChunk: (chunk: Uint8Array) => running.update(chunk) } : {};
  const message = { method: signed.method, url: signed.url, headers };
  const answer = await sendBody({ source, history, onSent, ...onChunk }, message, world);
  return { answer, checksum: known ?? { algorithm, value: running.digest() } };
}

async function attemptPart(attempt: Attempt, world: TransferWorld): Promise<CompletedPart> {
  const { part, upload } = attempt;
  if (upload.failure !== undefined) throw upload.failure;
  const { answer, checksum } = await sendOnce(attempt, world);
  const { status, headers, text } = answer;
  if (status < 200 || status >= 300)
    throw toS3Error({ status, headers, body: text }, `PUT ${upload.key}, part ${part.number}`, world.now());
  const etag = single(headers, "etag");
  const stored = single(headers, CHECKSUMS[upload.algorithm].header);
  // The store's own word on what it has; where it says nothing, completing the upload verifies the whole.
  if (stored !== undefined && stored !== checksum.value) throw damaged(part.number, upload.algorithm);
  if (etag === undefined) {
    throw new CliError("UnsafeServer", `the store gave part ${part.number} no ETag`, {
      reason: "without it the upload cannot be completed",
      hint: "check what stands between you and the store",
    });
  }
  return { number: part.number, etag, checksum };
}

/** @throws CliError of the last attempt. */
export async function sendPart(part: PartToSend, upload: PartUpload, world: TransferWorld): Promise<CompletedPart> {
  const history: History = { mayBeStored: false, wasCutOff: false };
  const { announcesChecksums } = upload;
  try {
    return await runUnit(world, (number) => attemptPart({ part, upload, history, number }, world));
  } catch (error) {
    if (announcesChecksums || !asksForChecksum(error)) throw error;
    upload.announcesChecksums = true;
    return await runUnit(world, (number) => attemptPart({ part, upload, history, number }, world));
  }
}
