/** Whether a local file and an object are the same bytes, with as few requests and as little reading as that takes. Sizes have been compared before. */
import { createHash, hash } from "node:crypto";
import { createChecksum } from "@s3r/shared/checksum";
import { lookAtFile } from "../files/look-at-file.ts";
import { isComposite, type ObjectHead } from "./object-head.ts";
import { openFileSource, readThrough } from "./source.ts";

/** The name, and the form, in which rclone keeps it too: seconds of the epoch, with a fraction (https://rclone.org/s3/#modification-times-and-hashes). */
export const MTIME = "mtime";

export function formatMtime(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(6);
}

/** File systems and clients keep fractions of different length. */
const SAME_MTIME_MILLISECONDS = 1;

function isSameMtime(kept: string | undefined, milliseconds: number): boolean {
  return kept !== undefined && Math.abs(Number(kept) * 1000 - milliseconds) < SAME_MTIME_MILLISECONDS;
}

/** The MD5 that the ETag is, unless the object went up in parts. Encrypted with other keys than S3's own, it is one of something else. */
function md5Of(etag: string | undefined): string | undefined {
  return /^"?([0-9a-f]{32})"?$/u.exec(etag ?? "")?.[1];
}

/** Read in one go. */
const SMALL_BYTES = 1024 ** 2;

async function isMd5(path: string, expected: string, signal: AbortSignal): Promise<boolean> {
  const { bytes } = lookAtFile(path, SMALL_BYTES);
  if (bytes !== undefined) return hash("md5", bytes) === expected;
  await using source = await openFileSource(path);
  const md5 = createHash("md5");
  await readThrough(source, (chunk) => void md5.update(chunk), signal);
  return md5.digest("hex") === expected;
}

/** Of an empty file there is nothing to compare. @returns nothing when the ETag cannot tell. @throws CliError of the file. */
export async function isSameByEtag(
  path: string,
  { size, etag }: { readonly size: number; readonly etag: string },
  signal: AbortSignal,
): Promise<true | undefined> {
  if (size === 0) return true;
  const expected = md5Of(etag);
  return expected !== undefined && (await isMd5(path, expected, signal)) ? true : undefined;
}

export interface LocalTimes {
  readonly path: string;
  readonly modifiedMilliseconds: number;
}

/**
 * The checksum says, if the store has one of the whole. Otherwise the same time of modification is believed, as rsync and rclone do, but not against
 * an ETag that may be an MD5: builds give all their files one time.
 * @throws CliError of the file.
 */
export async function isSameByHead(local: LocalTimes, head: ObjectHead, signal: AbortSignal): Promise<boolean> {
  const { checksum: stored, etag, metadata } = head;
  if (stored === undefined || isComposite(stored))
    return md5Of(etag) === undefined && isSameMtime(metadata[MTIME], local.modifiedMilliseconds);
  await using source = await openFileSource(local.path);
  const checksum = await createChecksum(stored.algorithm);
  await readThrough(source, (chunk) => checksum.update(chunk), signal);
  return checksum.digest() === stored.value;
}
