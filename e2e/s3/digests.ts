/** Checksums as S3's headers carry them: base64 of the bytes, most significant first. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

export function crc32Base64(bytes: string | Uint8Array): string {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(crc32(bytes));
  return buffer.toString("base64");
}

export function sha256Base64(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64");
}

export function md5Base64(bytes: string | Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}
