/** Files with bytes that no compression and no repetition could fake, and their digests. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

export const KIBIBYTE = 1024;
export const MEBIBYTE = 1024 ** 2;
export const GIBIBYTE = 1024 ** 3;

const BLOCK = 4 * MEBIBYTE;

export async function writeRandomFile(path: string, size: number): Promise<void> {
  await using file = await open(path, "w");
  for (let left = size; left > 0; left -= BLOCK) await file.write(randomBytes(Math.min(BLOCK, left)));
}

/** A file that takes no room on the disk: all zeros but for its last byte. */
export async function writeSparseFile(path: string, size: number): Promise<void> {
  await using file = await open(path, "w");
  await file.write(Buffer.from("!"), 0, 1, size - 1);
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: MEBIBYTE }), hash);
  return hash.digest("hex");
}
