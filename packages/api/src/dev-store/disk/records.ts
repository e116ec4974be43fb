/** What is kept of objects and uploads beside their bytes, as it stands in JSON files. */
import * as v from "valibot";

const checksum = v.strictObject({
  algorithm: v.picklist(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]),
  type: v.picklist(["FULL_OBJECT", "COMPOSITE"]),
  /** Base64; of a composite checksum with `-` and the number of parts. */
  value: v.string(),
});

const segment = v.strictObject({ blob: v.string(), size: v.number() });

/** Headers by lower-case names: the content headers and `x-amz-meta-*`. */
const headers = v.record(v.string(), v.string());

export const objectSchema = v.strictObject({
  bucket: v.string(),
  key: v.string(),
  /** The blobs that the object is made of, in order: one, or one for each part. */
  segments: v.array(segment),
  size: v.number(),
  /** With its quotes. */
  etag: v.string(),
  /** Milliseconds since 1970, whole seconds as HTTP dates have them. */
  lastModified: v.number(),
  headers,
  checksum: v.optional(checksum),
});

export const partSchema = v.strictObject({
  partNumber: v.number(),
  segment,
  etag: v.string(),
  lastModified: v.number(),
  checksum: v.optional(checksum),
});

export const uploadSchema = v.strictObject({
  uploadId: v.string(),
  bucket: v.string(),
  key: v.string(),
  initiated: v.number(),
  headers,
  checksum: v.optional(v.pick(checksum, ["algorithm", "type"])),
});

export type ObjectRecord = v.InferOutput<typeof objectSchema>;
export type PartRecord = v.InferOutput<typeof partSchema>;
export type UploadRecord = v.InferOutput<typeof uploadSchema>;
export type StoredChecksum = v.InferOutput<typeof checksum>;
export type Segment = v.InferOutput<typeof segment>;

/** An upload under way: its record and its parts by their numbers. */
export interface Upload {
  readonly record: UploadRecord;
  readonly parts: Map<number, PartRecord>;
}
