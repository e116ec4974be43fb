/** An object in the store's double. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

export interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  /** Answered with it, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

export function crc32Base64(bytes: Uint8Array): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString("base64");
}

export function storedObject(bytes: Buffer, headers: Readonly<Record<string, string>> = {}): StoredObject {
  return {
    bytes,
    etag: `"${createHash("md5").update(bytes).digest("hex")}"`,
    headers: { "x-amz-checksum-crc32": crc32Base64(bytes), ...headers },
  };
}
