/**
 * A large file up in parts: create an upload or go on with that of an earlier run, send what is missing, complete. Whatever ends it
 * early, the object that was there before stays as it was.
 */
import { CliError, type CliErrorCode } from "../cli-error.ts";
import { abortUpload } from "./abort-upload.ts";
import { CannotComplete, completeUpload } from "./complete-upload.ts";
import { listParts } from "./list-parts.ts";
import type { TransferProgress } from "./progress.ts";
import { sendParts, type PartsProgress } from "./send-parts.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { beginUpload, resumeUpload, type UnfinishedUpload } from "./unfinished-upload.ts";
import type { UploadRequest } from "./upload-headers.ts";
import { openUploadJournal, type UploadJournal } from "./upload-journal.ts";
import type { UploadResult } from "./upload-result.ts";

interface Upload {
  readonly request: UploadRequest;
  readonly journal: UploadJournal | undefined;
  readonly progress: PartsProgress;
  readonly world: TransferWorld;
}

/** Adds up what has gone of all the parts. */
export function sumParts(shown: TransferProgress): PartsProgress {
  const parts = new Map<number, number>();
  let sum = 0;
  return {
    update(number, bytes) {
      sum += bytes - (parts.get(number) ?? 0);
      parts.set(number, bytes);
      shown.update(sum);
    },
  };
}

async function sendAndComplete(
  unfinished: UnfinishedUpload,
  { request, progress, world }: Upload,
): Promise<UploadResult> {
  const { source, key, checksum: algorithm, noClobber } = request;
  const parts = await sendParts(request, unfinished, progress, world);
  // Afterwards the store would have an object of mixed bytes.
  await source.assertUnchanged();
  const { etag, checksum } = await completeUpload(
    { key, uploadId: unfinished.uploadId, parts, algorithm, noClobber },
    world,
  );
  const reused = parts.reduce((sum, part) => sum + (part.isReused ? part.size : 0), 0);
  return { key, bytes: source.size, etag, checksum, attempts: 1, parts: parts.length, reused };
}

/** How to go on when it cannot be completed as it is; nothing when it cannot. */
async function repair(
  { reason, error }: CannotComplete,
  unfinished: UnfinishedUpload,
  { request, journal, world }: Upload,
): Promise<UnfinishedUpload | undefined> {
  world.retry.trace(`the upload of ${request.key} could not be completed (${error.reason ?? error.message})`);
  if (reason === "parts") return { ...unfinished, stored: await listParts(unfinished, world) };
  // S3 wants a new upload after a conflict: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
  if (reason === "conflict") await abortUpload(unfinished, world);
  return await beginUpload(request, journal, world);
}

async function sendWithRepair(begun: UnfinishedUpload, upload: Upload): Promise<UploadResult> {
  let unfinished = begun;
  try {
    return await sendAndComplete(unfinished, upload);
  } catch (error) {
    if (!(error instanceof CannotComplete)) throw error;
    unfinished = (await repair(error, unfinished, upload)) ?? unfinished;
  }
  try {
    return await sendAndComplete(unfinished, upload);
  } catch (error) {
    throw error instanceof CannotComplete ? error.error : error;
  }
}

/** After these another run would meet the same again, and what is there is of no use. */
const HOPELESS: ReadonlySet<CliErrorCode> = new Set([
  "Usage",
  "NotFound",
  "PreconditionFailed",
  "IntegrityMismatch",
  "LocalIo",
]);

function withHint(error: CliError): CliError {
  return new CliError(error.code, error.message, {
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    hint: `${error.hint === undefined ? "" : `${error.hint}; `}the same command goes on where this one ended (s3r uploads lists what is unfinished)`,
    cause: error,
  });
}

/** Keeps what a later run can go on with, and gives back the rest. */
async function endUnfinished(error: unknown, { journal, world }: Upload): Promise<unknown> {
  if (!(error instanceof CliError)) return error;
  const record = journal?.read();
  if (record === undefined) return error;
  if (journal?.isFound === true && !HOPELESS.has(error.code)) return withHint(error);
  try {
    await abortUpload(record, world);
    journal?.remove();
  } catch (failed) {
    // It stays in the list of `s3r uploads`.
    if (!(failed instanceof CliError)) throw failed;
    world.retry.trace(`the upload of ${record.key} could not be aborted (${failed.message})`);
  }
  return error;
}

/**
 * @returns nothing where the API knows no uploads in parts, as a bare redirector.
 * @throws CliError
 */
export async function uploadInParts(request: UploadRequest, world: TransferWorld): Promise<UploadResult | undefined> {
  const { source, key } = request;
  using journal =
    world.stateDirectory === undefined
      ? undefined
      : openUploadJournal(world.stateDirectory, { endpoint: world.endpoint, key }, source.identity);
  const shown = world.progress.begin(source.name, source.size);
  const upload: Upload = { request, journal, progress: sumParts(shown), world };
  try {
    const earlier = await resumeUpload(request, journal, world);
    if (earlier !== undefined && "bytes" in earlier) return earlier;
    const unfinished = earlier ?? (await beginUpload(request, journal, world));
    if (unfinished === undefined) return undefined;
    const result = await sendWithRepair(unfinished, upload);
    journal?.remove();
    return result;
  } catch (error) {
    throw await endUnfinished(error, upload);
  } finally {
    shown.end();
  }
}
