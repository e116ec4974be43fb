/**
 * Everything the dev store keeps, on disk and in memory. A record's JSON file is the truth: an object
 * changes, bytes and headers together, by the rename of that one file. The index in memory is made
 * from the records when the store opens.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { createBlobs, type Blobs } from "./blobs.ts";
import { removeDurably, TEMPORARY_SUFFIX, writeDurably } from "./durable-file.ts";
import { createKeyedLock } from "./keyed-lock.ts";
import {
  objectSchema,
  partSchema,
  uploadSchema,
  type ObjectRecord,
  type PartRecord,
  type Upload,
  type UploadRecord,
} from "./records.ts";

export interface Storage {
  readonly blobs: Blobs;
  buckets(): ReadonlyMap<string, number>;
  createBucket(name: string, created: number): Promise<void>;
  deleteBucket(name: string): Promise<void>;
  getObject(bucket: string, key: string): ObjectRecord | undefined;
  /** All objects of a bucket, in the order of their keys' UTF-8 bytes, as S3 lists them. */
  listObjects(bucket: string): readonly ObjectRecord[];
  /**
   * Changes one object in turn with all other changes of it.
   * @param change is shown the object as it is and returns the new one, or nothing to delete it; what it throws leaves all as it was.
   */
  changeObject(
    bucket: string,
    key: string,
    change: (current: ObjectRecord | undefined) => ObjectRecord | undefined,
  ): Promise<void>;
  getUpload(uploadId: string): Upload | undefined;
  listUploads(bucket: string): readonly Upload[];
  createUpload(record: UploadRecord): Promise<void>;
  /** Replaces a part of the same number. Gives false, and removes the part, when the upload has ended meanwhile. */
  putPart(uploadId: string, part: PartRecord): Promise<boolean>;
  /**
   * Ends an upload, in turn with all other changes of it: no part is replaced or removed under a completion.
   * @param finish makes an object of the parts, which keeps theirs, or nothing; what it throws leaves the upload as it was.
   */
  endUpload<Made extends ObjectRecord | undefined>(uploadId: string, finish: () => Promise<Made>): Promise<Made>;
}

/** Keys have up to 1,024 bytes of anything: never a file name. */
function objectFileName(bucket: string, key: string): string {
  return `${createHash("sha256").update(`${bucket}\0${key}`).digest("hex")}.json`;
}

function indexKey(bucket: string, key: string): string {
  return `${bucket}\0${key}`;
}

function compareUtf8(a: ObjectRecord, b: ObjectRecord): number {
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}

async function readJson<Schema extends v.GenericSchema>(schema: Schema, path: string): Promise<v.InferOutput<Schema>> {
  return v.parse(schema, JSON.parse(await readFile(path, "utf8")));
}

function isTemporary(name: string): boolean {
  return name.endsWith(TEMPORARY_SUFFIX);
}

/** The names in a directory that are whole; what a crash left half-written is removed. */
async function wholeFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  await Promise.all(names.filter(isTemporary).map((name) => rm(join(directory, name))));
  return names.filter((name) => !isTemporary(name));
}

async function loadObjects(directory: string): Promise<Map<string, ObjectRecord>> {
  const objects = new Map<string, ObjectRecord>();
  for (const name of await wholeFiles(directory)) {
    const record = await readJson(objectSchema, join(directory, name));
    objects.set(indexKey(record.bucket, record.key), record);
  }
  return objects;
}

async function loadUpload(directory: string): Promise<Upload | undefined> {
  const names = await wholeFiles(directory);
  // Without its record an upload has never been answered, or is half removed.
  if (!names.includes("upload.json")) return undefined;
  const record = await readJson(uploadSchema, join(directory, "upload.json"));
  const parts = new Map<number, PartRecord>();
  for (const name of names.filter((each) => each !== "upload.json")) {
    const part = await readJson(partSchema, join(directory, name));
    parts.set(part.partNumber, part);
  }
  return { record, parts };
}

async function loadUploads(directory: string): Promise<Map<string, Upload>> {
  const uploads = new Map<string, Upload>();
  for (const name of await readdir(directory)) {
    const upload = await loadUpload(join(directory, name));
    if (upload === undefined) await rm(join(directory, name), { recursive: true });
    else uploads.set(upload.record.uploadId, upload);
  }
  return uploads;
}

async function loadBuckets(path: string): Promise<Map<string, number>> {
  const content = await readFile(path, "utf8").catch(() => "{}");
  return new Map(Object.entries(v.parse(v.record(v.string(), v.number()), JSON.parse(content))));
}

/**
 * A crash between the two steps of a completion leaves the upload beside the object that was made of it; or
 * without its parts' bytes, when that object has already been replaced.
 */
async function dropCompleted(
  paths: Paths,
  objects: Iterable<ObjectRecord>,
  uploads: Map<string, Upload>,
): Promise<void> {
  const inObjects = namedBlobs(objects, []);
  const present = new Set(await readdir(paths.blobs));
  for (const [uploadId, { parts }] of uploads) {
    const isWhole = ({ segment: { blob } }: PartRecord): boolean => present.has(blob) && !inObjects.has(blob);
    if ([...parts.values()].every(isWhole)) continue;
    uploads.delete(uploadId);
    await rm(join(paths.uploads, uploadId), { recursive: true });
  }
}

function namedBlobs(objects: Iterable<ObjectRecord>, uploads: Iterable<Upload>): Set<string> {
  const named = new Set<string>();
  for (const { segments } of objects) for (const { blob } of segments) named.add(blob);
  for (const { parts } of uploads) for (const { segment } of parts.values()) named.add(segment.blob);
  return named;
}

interface Paths {
  readonly objects: string;
  readonly uploads: string;
  readonly blobs: string;
  readonly buckets: string;
}

async function preparePaths(directory: string): Promise<Paths> {
  const paths = {
    objects: join(directory, "objects"),
    uploads: join(directory, "uploads"),
    blobs: join(directory, "blobs"),
    buckets: join(directory, "buckets.json"),
  };
  for (const path of [paths.objects, paths.uploads, paths.blobs]) await mkdir(path, { recursive: true });
  return paths;
}

function createObjectTable(paths: Paths, blobs: Blobs, objects: Map<string, ObjectRecord>) {
  const lock = createKeyedLock();
  const sorted = new Map<string, readonly ObjectRecord[]>();

  async function commit(bucket: string, key: string, next: ObjectRecord | undefined): Promise<void> {
    const path = join(paths.objects, objectFileName(bucket, key));
    if (next !== undefined) await writeDurably(path, JSON.stringify(next));
    else if (objects.has(indexKey(bucket, key))) await removeDurably(path);
    if (next === undefined) objects.delete(indexKey(bucket, key));
    else objects.set(indexKey(bucket, key), next);
    sorted.delete(bucket);
  }

  return {
    getObject: (bucket: string, key: string) => objects.get(indexKey(bucket, key)),
    listObjects(bucket: string) {
      const known = sorted.get(bucket);
      if (known !== undefined) return known;
      const list = [...objects.values()].filter((record) => record.bucket === bucket).sort(compareUtf8);
      sorted.set(bucket, list);
      return list;
    },
    async changeObject(
      bucket: string,
      key: string,
      change: (current: ObjectRecord | undefined) => ObjectRecord | undefined,
    ) {
      await lock(indexKey(bucket, key), async () => {
        const current = objects.get(indexKey(bucket, key));
        await commit(bucket, key, change(current));
        if (current !== undefined) await blobs.remove(current.segments);
      });
    },
  };
}

function createUploadTable(paths: Paths, blobs: Blobs, uploads: Map<string, Upload>) {
  const lock = createKeyedLock();
  const pathOf = (uploadId: string, name: string): string => join(paths.uploads, uploadId, name);

  return {
    getUpload: (uploadId: string) => uploads.get(uploadId),
    listUploads: (bucket: string) => [...uploads.values()].filter(({ record }) => record.bucket === bucket),
    async createUpload(record: UploadRecord) {
      await mkdir(join(paths.uploads, record.uploadId));
      await writeDurably(pathOf(record.uploadId, "upload.json"), JSON.stringify(record));
      uploads.set(record.uploadId, { record, parts: new Map() });
    },
    async putPart(uploadId: string, part: PartRecord) {
      return await lock(uploadId, async () => {
        const parts = uploads.get(uploadId)?.parts;
        if (parts === undefined) {
          await blobs.remove([part.segment]);
          return false;
        }
        const replaced = parts.get(part.partNumber);
        await writeDurably(pathOf(uploadId, `${part.partNumber}.json`), JSON.stringify(part));
        parts.set(part.partNumber, part);
        if (replaced !== undefined) await blobs.remove([replaced.segment]);
        return true;
      });
    },
    async endUpload<Made extends ObjectRecord | undefined>(uploadId: string, finish: () => Promise<Made>) {
      return await lock(uploadId, async () => {
        const made = await finish();
        const upload = uploads.get(uploadId);
        if (upload === undefined) return made;
        uploads.delete(uploadId);
        await removeDurably(pathOf(uploadId, "upload.json"));
        await rm(join(paths.uploads, uploadId), { recursive: true });
        const kept = namedBlobs(made === undefined ? [] : [made], []);
        const segments = [...upload.parts.values()].map(({ segment }) => segment);
        await blobs.remove(segments.filter(({ blob }) => !kept.has(blob)));
        return made;
      });
    },
  };
}

function createBucketTable(path: string, buckets: Map<string, number>) {
  const lock = createKeyedLock();
  const save = async (): Promise<void> => await writeDurably(path, JSON.stringify(Object.fromEntries(buckets)));
  return {
    buckets: () => buckets,
    async createBucket(name: string, created: number) {
      await lock("", async () => {
        buckets.set(name, created);
        await save();
      });
    },
    async deleteBucket(name: string) {
      await lock("", async () => {
        buckets.delete(name);
        await save();
      });
    },
  };
}

/** Loads what is in the directory and removes what a crash has left there. The directory must be this process's own. */
export async function openStorage(directory: string): Promise<Storage> {
  const paths = await preparePaths(directory);
  const [objects, uploads] = [await loadObjects(paths.objects), await loadUploads(paths.uploads)];
  const blobs = createBlobs(paths.blobs);
  await dropCompleted(paths, objects.values(), uploads);
  await blobs.sweep(namedBlobs(objects.values(), uploads.values()));
  return {
    blobs,
    ...createBucketTable(paths.buckets, await loadBuckets(paths.buckets)),
    ...createObjectTable(paths, blobs, objects),
    ...createUploadTable(paths, blobs, uploads),
  };
}
