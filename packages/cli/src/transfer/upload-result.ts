import type { ObjectChecksum } from "../s3/object-checksum.ts";

export interface UploadResult {
  readonly key: string;
  /** Bytes. */
  readonly bytes: number;
  readonly etag: string | undefined;
  /** What the store has verified. */
  readonly checksum: ObjectChecksum;
  /** How often it was begun, for a whole object; 1 for one in parts, which begins no more than once. */
  readonly attempts: number;
  /** How many, for an object that went up in parts. */
  readonly parts: number | undefined;
  /** Bytes that were at the store already, from an earlier run. */
  readonly reused: number;
}
