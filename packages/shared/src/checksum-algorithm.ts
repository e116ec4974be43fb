/**
 * The checksums of S3 that s3r offers, one row each.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export type ChecksumAlgorithm = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256";

/** `FULL_OBJECT` covers the object's bytes; `COMPOSITE` is the checksum of the parts' checksums. */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

export interface ChecksumSpec {
  readonly algorithm: ChecksumAlgorithm;
  /** The header, in requests and answers, with the value in base64. */
  readonly header: string;
  /** The element of S3's XML. */
  readonly xmlElement: `Checksum${ChecksumAlgorithm}`;
  /** The length of the value, in bytes. */
  readonly byteLength: number;
  /** What a multipart upload may ask for, S3's default first. */
  readonly multipartTypes: readonly ChecksumType[];
}

export const CHECKSUMS: Readonly<Record<ChecksumAlgorithm, ChecksumSpec>> = {
  CRC32: {
    algorithm: "CRC32",
    header: "x-amz-checksum-crc32",
    xmlElement: "ChecksumCRC32",
    byteLength: 4,
    multipartTypes: ["COMPOSITE", "FULL_OBJECT"],
  },
  CRC32C: {
    algorithm: "CRC32C",
    header: "x-amz-checksum-crc32c",
    xmlElement: "ChecksumCRC32C",
    byteLength: 4,
    multipartTypes: ["COMPOSITE", "FULL_OBJECT"],
  },
  CRC64NVME: {
    algorithm: "CRC64NVME",
    header: "x-amz-checksum-crc64nvme",
    xmlElement: "ChecksumCRC64NVME",
    byteLength: 8,
    multipartTypes: ["FULL_OBJECT"],
  },
  SHA1: {
    algorithm: "SHA1",
    header: "x-amz-checksum-sha1",
    xmlElement: "ChecksumSHA1",
    byteLength: 20,
    multipartTypes: ["COMPOSITE"],
  },
  SHA256: {
    algorithm: "SHA256",
    header: "x-amz-checksum-sha256",
    xmlElement: "ChecksumSHA256",
    byteLength: 32,
    multipartTypes: ["COMPOSITE"],
  },
};

export const CHECKSUM_LIST: readonly ChecksumSpec[] = Object.values(CHECKSUMS);
