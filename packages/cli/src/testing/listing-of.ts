import type { StoredObject } from "./stored-object.ts";

const REFERENCES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function escape(text: string): string {
  return text.replaceAll(/[&<>]|\p{Cc}/gu, (character) => REFERENCES[character] ?? `&#${character.charCodeAt(0)};`);
}

/** A listing, as S3 writes it, of all these objects below a prefix; further keys may be made up. */
export function listingOf(objects: ReadonlyMap<string, Pick<StoredObject, "bytes" | "etag">>, prefix = ""): string {
  const keys = [...objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const contents = keys.map((key) => {
    const { bytes, etag } = objects.get(key) ?? { bytes: Buffer.alloc(0), etag: "" };
    return `<Contents><Key>${escape(key)}</Key><LastModified>2026-11-23T08:00:00.000Z</LastModified><ETag>${escape(etag)}</ETag><Size>${bytes.byteLength}</Size></Contents>`;
  });
  return `<?xml version="1.0"?><ListBucketResult><Prefix>${escape(prefix)}</Prefix>${contents.join("")}</ListBucketResult>`;
}
