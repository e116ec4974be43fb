import type { ChecksumAlgorithm } from "@s3r/shared/checksum";

export interface ObjectChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; a composite one ends in `-` and the number of its parts. */
  readonly value: string;
}
