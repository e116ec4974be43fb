/** What the store says of an object in the head of an answer. */
import { CHECKSUM_LIST } from "@s3r/shared/checksum";
import type { ObjectChecksum } from "../s3/object-checksum.ts";
import type { S3Headers } from "../s3/send.ts";

export type { ObjectChecksum } from "../s3/object-checksum.ts";

export interface ObjectHead {
  /** Bytes of the whole object; nothing when the answer does not say. */
  readonly size: number | undefined;
  readonly etag: string | undefined;
  readonly contentType: string | undefined;
  readonly lastModified: string | undefined;
  readonly checksum: ObjectChecksum | undefined;
  /** Without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
}

function single(headers: S3Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

function parseSize(headers: S3Headers): number | undefined {
  const total =
    /^bytes \d+-\d+\/(\d{1,15})$/u.exec(single(headers, "content-range") ?? "")?.[1] ??
    single(headers, "content-length");
  return total !== undefined && /^\d{1,15}$/u.test(total) ? Number(total) : undefined;
}

function parseChecksum(headers: S3Headers): ObjectChecksum | undefined {
  for (const { algorithm, header } of CHECKSUM_LIST) {
    const value = single(headers, header);
    if (value !== undefined) return { algorithm, value };
  }
  return undefined;
}

/** A composite checksum is of the parts' checksums: without their sizes it says nothing of the bytes. */
export function isComposite({ value }: ObjectChecksum): boolean {
  return /-\d+$/u.test(value);
}

/** What the bytes can be held against beside their number. */
export function verifiableChecksum({ checksum }: ObjectHead): ObjectChecksum | undefined {
  return checksum === undefined || isComposite(checksum) ? undefined : checksum;
}

/** Only of such an ETag a range is known to be of the same bytes: a weak one names several (RFC 9110 13.1.1). */
export function strongEtag({ etag }: Pick<ObjectHead, "etag">): string | undefined {
  return etag?.startsWith('"') === true ? etag : undefined;
}

export function parseObjectHead(headers: S3Headers): ObjectHead {
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta-"));
  return {
    size: parseSize(headers),
    etag: single(headers, "etag"),
    contentType: single(headers, "content-type"),
    lastModified: single(headers, "last-modified"),
    checksum: parseChecksum(headers),
    metadata: Object.fromEntries(metadata.map(([name, value]) => [name.slice("x-amz-meta-".length), String(value)])),
  };
}
