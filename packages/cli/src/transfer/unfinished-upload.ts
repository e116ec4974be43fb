/** An upload in parts between its creation and its completion: begun anew, or taken up where an earlier run ended. */
import { CliError } from "../cli-error.ts";
import type { StoredPart } from "../s3/multipart-xml.ts";
import { abortUpload } from "./abort-upload.ts";
import { createUpload } from "./create-upload.ts";
import { listParts } from "./list-parts.ts";
import { headObject } from "./head-object.ts";
import { partSizeFor } from "./part-plan.ts";
import { runUnit } from "./run-unit.ts";
import { checksumOf } from "./send-part.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { objectHeaders, type UploadRequest } from "./upload-headers.ts";
import type { UploadJournal, UploadRecord } from "./upload-journal.ts";
import type { UploadResult } from "./upload-result.ts";

export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** Bytes. */
  readonly partSize: number;
  /** What the store has of it, by part numbers. */
  readonly stored: ReadonlyMap<number, StoredPart>;
}

function fingerprint(request: UploadRequest): string {
  return JSON.stringify([objectHeaders(request), request.checksum]);
}

function isSameSource({ source }: UploadRequest, record: UploadRecord): boolean {
  return source.size === record.size && source.identity?.modifiedMilliseconds === record.modifiedMilliseconds;
}

function isRefusal(error: unknown): boolean {
  return error instanceof CliError && (error.code === "NotFound" || error.code === "Forbidden");
}

/** What is left of an upload that is not gone on with is not to be paid for. */
async function giveUp(record: UploadRecord, world: TransferWorld): Promise<void> {
  world.retry.trace(`${record.source} or what is asked of it has changed: beginning anew`);
  await abortUpload(record, world).catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error;
    world.retry.trace(`the unfinished upload of ${record.key} could not be aborted (${error.message})`);
  });
}

/**
 * What an earlier run has completed just before it was ended: the object is there, the journal still too, and nothing has to be sent.
 * The checksum of the whole says so, which no other object shares.
 */
async function findCompleted(request: UploadRequest, world: TransferWorld): Promise<UploadResult | undefined> {
  const { source, key, checksum: algorithm } = request;
  const head = await runUnit(world, () => headObject(key, world));
  if (head?.size !== source.size || head.checksum?.algorithm !== algorithm) return undefined;
  const checksum = await checksumOf(source, algorithm, world.retry.signal);
  if (head.checksum.value !== checksum.value) return undefined;
  return { key, bytes: source.size, etag: head.etag, checksum, attempts: 1, parts: undefined, reused: source.size };
}

/** @returns nothing when there is none that can be gone on with; the result when there is nothing left to do. */
export async function resumeUpload(
  request: UploadRequest,
  journal: UploadJournal | undefined,
  world: TransferWorld,
): Promise<UnfinishedUpload | UploadResult | undefined> {
  const record = journal?.read();
  if (journal === undefined || record === undefined) return undefined;
  const { key, uploadId, partSize } = record;
  if (key !== request.key || record.endpoint !== world.endpoint.href) return undefined;
  if (!isSameSource(request, record) || record.request !== fingerprint(request)) {
    await giveUp(record, world);
    journal.remove();
    return undefined;
  }
  try {
    return { key, uploadId, partSize, stored: await listParts(record, world) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    journal.remove();
    const completed = await findCompleted(request, world);
    world.retry.trace(
      `the unfinished upload of ${key} is ${completed === undefined ? "gone: beginning anew" : "complete"}`,
    );
    return completed;
  }
}

/** @returns nothing where the API knows no uploads in parts. */
export async function beginUpload(
  request: UploadRequest,
  journal: UploadJournal | undefined,
  world: TransferWorld,
): Promise<UnfinishedUpload | undefined> {
  const { source, key } = request;
  const uploadId = await createUpload(request, world);
  if (uploadId === undefined) return undefined;
  const partSize = partSizeFor(source.size, request.partSize);
  journal?.write({
    version: 1,
    endpoint: world.endpoint.href,
    key,
    source: source.identity?.path ?? source.name,
    size: source.size,
    ...(source.identity === undefined ? {} : { modifiedMilliseconds: source.identity.modifiedMilliseconds }),
    uploadId,
    partSize,
    request: fingerprint(request),
    began: world.now().toISOString(),
  });
  return { key, uploadId, partSize, stored: new Map() };
}
