/** Bytes of unknown number up: one PUT if they end early, else parts as they come. They cannot be read again, so nothing is resumed. */
import { MAX_SINGLE_PUT_BYTES } from "@s3r/shared";
import { CliError, toLocalError } from "../cli-error.ts";
import { abortUpload } from "./abort-upload.ts";
import { CannotComplete, completeUpload } from "./complete-upload.ts";
import { checksumTypeOf } from "./create-upload.ts";
import { sumParts } from "./multipart-upload.ts";
import { createPartSigner } from "./part-signer.ts";
import { tooLargeForOnePut } from "./too-large.ts";
import { preparePut, putObject } from "./put-object.ts";
import { partQuestion, sendPart, type PartUpload } from "./send-part.ts";
import type { SentPart, PartsProgress } from "./send-parts.ts";
import type { Source } from "./source.ts";
import { createPartReader, streamPartSize, type PartReader } from "./stream-parts.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { beginUpload, type UnfinishedUpload } from "./unfinished-upload.ts";
import type { UploadRequest } from "./upload-headers.ts";
import { openUploadJournal, type UploadJournal } from "./upload-journal.ts";
import type { UploadResult } from "./upload-result.ts";

export interface StreamRequest extends Omit<UploadRequest, "source"> {
  /** For people. */
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array | string>;
}

/** How many are on their way while the next one fills: what they hold is memory. */
const PARTS_AT_ONCE = 3;

interface Streaming {
  readonly request: StreamRequest;
  readonly reader: PartReader;
  readonly upload: PartUpload;
  readonly progress: PartsProgress;
  readonly world: TransferWorld;
}

async function sendNext(number: number, source: Source, { upload, progress, world }: Streaming): Promise<SentPart> {
  try {
    const onSent = (bytes: number): void => progress.update(number, bytes);
    const completed = await sendPart({ number, source, onSent }, upload, world);
    return { ...completed, size: source.size, isReused: false };
  } catch (error) {
    if (error instanceof CliError) upload.failure ??= error;
    throw error;
  } finally {
    await source[Symbol.asyncDispose]();
  }
}

/** Parts as they come, some of them at once; each fills when there is room for it. */
async function sendAll(first: Source, streaming: Streaming): Promise<readonly SentPart[]> {
  const { request, reader, upload } = streaming;
  const running = new Set<Promise<unknown>>();
  const sent: Promise<SentPart>[] = [];
  try {
    let source = first;
    for (let number = 1; source.size > 0 && upload.failure === undefined; number += 1) {
      const sending = sendNext(number, source, streaming);
      const settled: Promise<unknown> = sending.catch(() => {}).finally(() => running.delete(settled));
      running.add(settled);
      sent.push(sending);
      if (running.size >= PARTS_AT_ONCE) await Promise.race(running);
      source = await reader.next(streamPartSize(number + 1, request.partSize));
    }
  } finally {
    await Promise.all(running);
  }
  if (upload.failure !== undefined) throw upload.failure;
  return await Promise.all(sent);
}

async function sendAndComplete(
  first: Source,
  unfinished: UnfinishedUpload,
  { request, reader, progress, world }: Omit<Streaming, "upload">,
): Promise<UploadResult> {
  const { key, checksum: algorithm, noClobber, partSize } = request;
  const { uploadId } = unfinished;
  const following = (number: number, count: number): ReturnType<Parameters<typeof createPartSigner>[0]["following"]> =>
    Promise.resolve(
      Array.from({ length: upload.announcesChecksums ? 0 : count }, (_, index) =>
        partQuestion(number + index + 1, streamPartSize(number + index + 1, partSize), undefined),
      ),
    );
  const upload: PartUpload = {
    key,
    signer: createPartSigner({ key, uploadId, following }, world),
    algorithm,
    known: new Map(),
    announcesChecksums: checksumTypeOf(request) === "COMPOSITE",
    failure: undefined,
  };
  const parts = await sendAll(first, { request, reader, upload, progress, world });
  const { etag, checksum } = await completeUpload({ key, uploadId, parts, algorithm, noClobber }, world);
  const bytes = parts.reduce((sum, { size }) => sum + size, 0);
  return { key, bytes, etag, checksum, attempts: 1, parts: parts.length, reused: 0 };
}

/** Where there are no uploads in parts, the length has to be known first: all of it waits in a file. */
async function putWhole(reader: PartReader, request: StreamRequest, world: TransferWorld): Promise<UploadResult> {
  await using source = await reader.rest(MAX_SINGLE_PUT_BYTES + 1);
  if (source.size > MAX_SINGLE_PUT_BYTES) throw tooLargeForOnePut(source);
  return await putObject(await preparePut({ ...request, source }, world.retry.signal), world);
}

async function uploadParts(
  first: Source,
  reader: PartReader,
  request: StreamRequest,
  world: TransferWorld,
): Promise<UploadResult | undefined> {
  using journal =
    world.stateDirectory === undefined
      ? undefined
      : openUploadJournal(world.stateDirectory, { endpoint: world.endpoint, key: request.key }, undefined);
  const unfinished = await beginUpload({ ...request, source: first }, journal, world);
  if (unfinished === undefined) return undefined;
  const shown = world.progress.begin(request.name, undefined);
  try {
    const result = await sendAndComplete(first, unfinished, { request, reader, progress: sumParts(shown), world });
    journal?.remove();
    return result;
  } catch (error) {
    await giveBack(unfinished, journal, world);
    throw error instanceof CannotComplete ? error.error : error;
  } finally {
    shown.end();
  }
}

/** What cannot be given back now, as after an interruption, stays in the list of `s3r uploads`. */
async function giveBack(
  unfinished: UnfinishedUpload,
  journal: UploadJournal | undefined,
  world: TransferWorld,
): Promise<void> {
  try {
    await abortUpload(unfinished, world);
    journal?.remove();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    world.retry.trace(`the upload of ${unfinished.key} could not be aborted (${error.message})`);
  }
}

/**
 * @throws CliError LocalIo when the bytes cannot be read: then nothing is stored.
 */
export async function uploadStream(request: StreamRequest, world: TransferWorld): Promise<UploadResult> {
  const reader = createPartReader(readable(request, world.retry.signal), request.name);
  const firstSize = streamPartSize(1, request.partSize);
  const first = await reader.next(firstSize);
  // Whether the stream has ended is known when it gives less than was asked for.
  if (first.size < firstSize)
    return await putObject(await preparePut({ ...request, source: first }, world.retry.signal), world);
  const result = await uploadParts(first, reader, request, world);
  if (result !== undefined) return result;
  await reader.giveBack(first);
  return await putWhole(reader, request, world);
}

/** The chunks, with errors that say whose they are. */
async function* readable({ chunks, name }: StreamRequest, signal: AbortSignal): AsyncGenerator<Uint8Array | string> {
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw toLocalError(error, `cannot read ${name}`);
  }
}
