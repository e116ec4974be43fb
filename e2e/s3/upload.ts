/** An upload in parts, step by step, by curl through the API. */
import { randomBytes } from "node:crypto";
import { MEBIBYTE } from "../harness/files.ts";
import type { Answer } from "./ask.ts";
import type { Store } from "./store.ts";

export interface Upload {
  readonly key: string;
  readonly id: string;
}

/** What a list of parts, or Complete, has of a part. */
export interface SentPart {
  readonly number: number;
  readonly etag: string;
  /** Base64; Complete has it where it is given. */
  readonly crc32?: string;
}

/** The least that S3 takes of a part that is not the last. */
export const PART = randomBytes(5 * MEBIBYTE);

export async function createUpload(store: Store, ...headers: readonly string[]): Promise<Upload> {
  const key = store.key("parts");
  const { body } = await store.ask(key, { method: "POST", query: "uploads", headers });
  const id = /<UploadId>([^<]+)<\/UploadId>/u.exec(body.toString())?.[1];
  if (id === undefined) throw new Error(`no upload: ${body.toString()}`);
  return { key, id };
}

export function uploadQuery({ id }: Upload, more = ""): string {
  return `${more}uploadId=${encodeURIComponent(id)}`;
}

export async function sendPart(
  store: Store,
  upload: Upload,
  number: number,
  part: { readonly body: string | Uint8Array; readonly headers?: readonly string[] },
): Promise<Answer> {
  return await store.ask(upload.key, { method: "PUT", query: uploadQuery(upload, `partNumber=${number}&`), ...part });
}

function completeBody(parts: readonly SentPart[]): string {
  const each = parts.map(({ number, etag, crc32 }) => {
    const checksum = crc32 === undefined ? "" : `<ChecksumCRC32>${crc32}</ChecksumCRC32>`;
    return `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>${checksum}</Part>`;
  });
  return `<CompleteMultipartUpload>${each.join("")}</CompleteMultipartUpload>`;
}

export async function complete(
  store: Store,
  upload: Upload,
  parts: readonly SentPart[],
  headers: readonly string[] = [],
): Promise<Answer> {
  const body = completeBody(parts);
  return await store.ask(upload.key, { method: "POST", query: uploadQuery(upload), body, headers });
}

export async function listParts(store: Store, upload: Upload, more = ""): Promise<Answer> {
  return await store.ask(upload.key, { method: "GET", query: uploadQuery(upload, more) });
}

/** Part 1 of 5 MiB and part 2, of a few bytes unless it is given. */
export async function sendTwoParts(
  store: Store,
  upload: Upload,
  end: string | Uint8Array = "the end",
): Promise<readonly SentPart[]> {
  const first = await sendPart(store, upload, 1, { body: PART });
  const second = await sendPart(store, upload, 2, { body: end });
  return [first, second].map(({ headers }, index) => ({ number: index + 1, etag: headers["etag"] ?? "" }));
}
