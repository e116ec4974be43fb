/**
 * What is remembered of an upload in parts, so that the same command goes on with it: its ID and how the file was cut. Which parts
 * are there, the store alone knows.
 */
import { createHash, randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { openStateFile, readStateFile, type StateFile } from "../state/state-file.ts";
import type { SourceIdentity } from "./source.ts";

const schema = v.object({
  version: v.literal(1),
  endpoint: v.string(),
  key: v.string(),
  /** Of the file; or what stdin is called. */
  source: v.string(),
  /** Bytes; nothing where that was not known. */
  size: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  modifiedMilliseconds: v.optional(v.number()),
  uploadId: v.pipe(v.string(), v.minLength(1), v.maxLength(2048)),
  partSize: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** Of everything else that was asked for: metadata, type, checksum. */
  request: v.string(),
  /** ISO 8601. */
  began: v.pipe(v.string(), v.isoTimestamp()),
});

export type UploadRecord = v.InferOutput<typeof schema>;

export interface UploadJournal extends Disposable {
  /** What an earlier run has left; nothing where it makes no sense. */
  read(): UploadRecord | undefined;
  write(record: UploadRecord): void;
  remove(): void;
  /** Whether a later run of the same command will find it. */
  readonly isFound: boolean;
}

/** What is in a journal, or nothing where it makes no sense. */
function parseUploadRecord(value: unknown): UploadRecord | undefined {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}

function uploadsDirectory(stateDirectory: string): string {
  return join(stateDirectory, "uploads");
}

function pathFor(stateDirectory: string, identity: readonly string[]): string {
  const name = createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 32);
  return join(uploadsDirectory(stateDirectory), `${name}.json`);
}

function journalOn(file: StateFile, isFound: boolean): UploadJournal {
  return {
    isFound,
    read: () => parseUploadRecord(file.read()[0]),
    write: (record) => file.write(record),
    remove: () => file.remove(),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/**
 * The journal of the upload of this file to this key. What has no identity, or is being uploaded by another process, gets one of its
 * own, which only `s3r uploads` finds.
 * @returns nothing when nothing can be remembered.
 */
export function openUploadJournal(
  stateDirectory: string,
  { endpoint, key }: { readonly endpoint: URL; readonly key: string },
  identity: SourceIdentity | undefined,
): UploadJournal | undefined {
  if (identity !== undefined) {
    const file = openStateFile(pathFor(stateDirectory, [endpoint.href, key, identity.path]));
    if (file !== undefined) return journalOn(file, true);
  }
  const own = openStateFile(pathFor(stateDirectory, [randomUUID()]));
  return own === undefined ? undefined : journalOn(own, false);
}

/** An upload that was not completed, as this machine remembers it. */
export interface RememberedUpload {
  readonly record: UploadRecord;
  /** Whether a process is at it now. */
  readonly isRunning: boolean;
  /** Takes it for oneself; nothing when a process is at it. It is to be disposed of. */
  open(): UploadJournal | undefined;
}

function remembered(path: string): RememberedUpload | undefined {
  const open = (): UploadJournal | undefined => {
    const file = openStateFile(path);
    return file === undefined ? undefined : journalOn(file, true);
  };
  const record = parseUploadRecord(readStateFile(path)[0]);
  if (record === undefined) return undefined;
  using journal = open();
  return { record, isRunning: journal === undefined, open };
}

/** All that is remembered of uploads to this API, the oldest first. */
export function listRememberedUploads(stateDirectory: string, endpoint: URL): readonly RememberedUpload[] {
  const directory = uploadsDirectory(stateDirectory);
  return readNames(directory)
    .map((name) => remembered(join(directory, name)))
    .filter((upload) => upload?.record.endpoint === endpoint.href)
    .filter((upload) => upload !== undefined)
    .toSorted((one, other) => one.record.began.localeCompare(other.record.began));
}

function readNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith(".json"));
  } catch {
    // Nothing was ever remembered.
    return [];
  }
}
