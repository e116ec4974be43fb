/** All parts of a file that the store does not have yet, several at once. What it has is looked at meanwhile. */
import { createHash } from "node:crypto";
import { CliError } from "../cli-error.ts";
import type { CompletedPart, StoredPart } from "../s3/multipart-xml.ts";
import type { ObjectChecksum } from "../s3/object-checksum.ts";
import { checksumTypeOf } from "./create-upload.ts";
import { planParts, type Part } from "./part-plan.ts";
import { createPartSigner, type PartQuestion } from "./part-signer.ts";
import { checksumOf, partQuestion, sendPart, type PartUpload } from "./send-part.ts";
import { readThrough, type Source } from "./source.ts";
import { sectionOf } from "./source-section.ts";
import type { TransferWorld } from "./transfer-world.ts";
import type { UnfinishedUpload } from "./unfinished-upload.ts";
import type { UploadRequest } from "./upload-headers.ts";

export interface SentPart extends CompletedPart {
  readonly size: number;
  /** Whether it was there before. */
  readonly isReused: boolean;
}

export interface PartsProgress {
  /** Bytes of this part that have gone so far. */
  update(number: number, bytes: number): void;
}

/** Checksums that have to be announced are computed for so many parts ahead. */
const CHECKSUMS_AHEAD = 32;

interface Sending {
  readonly request: UploadRequest;
  readonly upload: PartUpload;
  readonly progress: PartsProgress;
  readonly world: TransferWorld;
}

function section({ source }: UploadRequest, { start, size }: Part): Source {
  return sectionOf(source, start, size);
}

/** What may still have to be signed behind a part, with what is announced of each. */
function followingOf(
  missing: readonly Part[],
  request: UploadRequest,
  known: Map<number, ObjectChecksum>,
  { upload, world }: { readonly upload: () => PartUpload; readonly world: TransferWorld },
): (number: number, count: number) => Promise<readonly PartQuestion[]> {
  return async (number, count) => {
    const from = missing.findIndex((part) => part.number === number) + 1;
    const { announcesChecksums, algorithm } = upload();
    const next = missing.slice(from, from + (announcesChecksums ? Math.min(count, CHECKSUMS_AHEAD) : count));
    const questions: PartQuestion[] = [];
    for (const part of next) {
      if (announcesChecksums && !known.has(part.number))
        known.set(part.number, await checksumOf(section(request, part), algorithm, world.retry.signal));
      questions.push(partQuestion(part.number, part.size, known.get(part.number)));
    }
    return questions;
  };
}

async function md5Etag(source: Source, signal: AbortSignal): Promise<string> {
  const md5 = createHash("md5");
  await readThrough(source, (chunk) => void md5.update(chunk), signal);
  return `"${md5.digest("hex")}"`;
}

/** The part as it is at the store, if it is ours: of the same size, and the same checksum or (without one) MD5. */
async function reuse(
  part: Part,
  stored: StoredPart,
  { request, upload, world }: Sending,
): Promise<SentPart | undefined> {
  const { number, size } = part;
  if (stored.size !== size) return undefined;
  const { signal } = world.retry;
  const checksum = await checksumOf(section(request, part), upload.algorithm, signal);
  const isSame =
    stored.checksum === undefined
      ? stored.etag === (await md5Etag(section(request, part), signal))
      : stored.checksum.algorithm === checksum.algorithm && stored.checksum.value === checksum.value;
  return isSame ? { number, size, etag: stored.etag, checksum, isReused: true } : undefined;
}

async function send(part: Part, { request, upload, progress, world }: Sending): Promise<SentPart> {
  const { number, size } = part;
  const onSent = (bytes: number): void => progress.update(number, bytes);
  try {
    const completed = await sendPart({ number, source: section(request, part), onSent }, upload, world);
    return { ...completed, size, isReused: false };
  } catch (error) {
    // The others need not begin.
    if (error instanceof CliError) upload.failure ??= error;
    throw error;
  }
}

async function reuseOrSend(part: Part, stored: StoredPart, sending: Sending): Promise<SentPart> {
  const reused = await reuse(part, stored, sending);
  if (reused === undefined) return await send(part, sending);
  sending.progress.update(part.number, part.size);
  return reused;
}

/** One after the other: it is the disk that is read, and the network has the others. */
async function reuseAll(
  parts: readonly (readonly [Part, StoredPart])[],
  sending: Sending,
): Promise<readonly SentPart[]> {
  const sent: SentPart[] = [];
  for (const [part, stored] of parts) sent.push(await reuseOrSend(part, stored, sending));
  return sent;
}

function rejectionOf(results: readonly PromiseSettledResult<unknown>[]): unknown {
  return results.find((result) => result.status === "rejected")?.reason;
}

/**
 * When one fails for good, those that are on their way are waited for: a later run will not have to send them again.
 * @throws CliError of the first that failed.
 */
export async function sendParts(
  request: UploadRequest,
  unfinished: UnfinishedUpload,
  progress: PartsProgress,
  world: TransferWorld,
): Promise<readonly SentPart[]> {
  const { key, uploadId, partSize, stored } = unfinished;
  const parts = planParts(request.source.size, partSize);
  const missing = parts.filter(({ number }) => !stored.has(number));
  const known = new Map<number, ObjectChecksum>();
  const upload: PartUpload = {
    key,
    signer: createPartSigner(
      { key, uploadId, following: followingOf(missing, request, known, { upload: () => upload, world }) },
      world,
    ),
    algorithm: request.checksum,
    known,
    announcesChecksums: checksumTypeOf(request) === "COMPOSITE",
    failure: undefined,
  };
  const sending: Sending = { request, upload, progress, world };
  const there = parts.flatMap((part) => {
    const found = stored.get(part.number);
    return found === undefined ? [] : [[part, found] as const];
  });
  const results = await Promise.allSettled([
    reuseAll(there, sending),
    ...missing.map((part) => send(part, sending).then((sent) => [sent])),
  ]);
  const sent = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  if (upload.failure !== undefined) throw upload.failure;
  if (results.some(({ status }) => status === "rejected")) throw rejectionOf(results);
  return sent.toSorted((one, other) => one.number - other.number);
}
