/** ListObjectsV2, and its first version for older tools. */
import type { ObjectRecord } from "../disk/records.ts";
import { S3Error } from "../s3-error.ts";
import type { S3Answer, S3Request } from "../s3-request.ts";
import { formatXml, type XmlElements } from "../xml/format-xml.ts";
import type { OperationContext } from "./context.ts";

const MAX_KEYS = 1000;

export interface ListingQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** Keys and common prefixes up to this one are left out; `""` for none. */
  readonly after: string;
}

export interface Listing {
  readonly objects: readonly ObjectRecord[];
  readonly commonPrefixes: readonly string[];
  /** The last key or common prefix of the page; nothing when there are no more. */
  readonly next: string | undefined;
}

function comesAfter(text: string, other: string): boolean {
  return Buffer.compare(Buffer.from(text), Buffer.from(other)) > 0;
}

/** The prefix up to and with the first delimiter behind `prefix`, if there is one. */
function commonPrefixOf(key: string, { prefix, delimiter }: ListingQuery): string | undefined {
  if (delimiter === "") return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}

/** One page of sorted objects. Keys that share a common prefix count as one entry. */
export function listPage(sorted: readonly ObjectRecord[], query: ListingQuery): Listing {
  const objects: ObjectRecord[] = [];
  const commonPrefixes: string[] = [];
  let last: string | undefined;
  for (const record of sorted) {
    if (!record.key.startsWith(query.prefix)) continue;
    const commonPrefix = commonPrefixOf(record.key, query);
    const entry = commonPrefix ?? record.key;
    if (!comesAfter(entry, query.after) || (commonPrefix !== undefined && entry === commonPrefixes.at(-1))) continue;
    if (objects.length + commonPrefixes.length >= query.maxKeys) return { objects, commonPrefixes, next: last };
    last = entry;
    if (commonPrefix === undefined) objects.push(record);
    else commonPrefixes.push(commonPrefix);
  }
  return { objects, commonPrefixes, next: undefined };
}

export function parsePageSize(value: string | undefined, name: string): number {
  if (value === undefined) return MAX_KEYS;
  if (!/^\d{1,9}$/u.test(value))
    throw new S3Error("InvalidArgument", `Provided ${name} not an integer or within integer range`);
  return Math.min(Number(value), MAX_KEYS);
}

function parseToken(token: string): string {
  const decoded = Buffer.from(token, "base64url").toString("utf8");
  if (decoded === "") throw new S3Error("InvalidArgument", "The continuation token provided is incorrect");
  return decoded;
}

/** `encoding-type=url` is asked for by clients whose XML readers do not take every key. */
function encoder(query: ReadonlyMap<string, string>): (text: string) => string {
  const type = query.get("encoding-type");
  if (type !== undefined && type !== "url")
    throw new S3Error("InvalidArgument", "Invalid Encoding Method specified in Request");
  return type === "url"
    ? (text) => encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%20", "+")
    : (text) => text;
}

function entries({ objects, commonPrefixes }: Listing, encode: (text: string) => string): XmlElements {
  return {
    Contents: objects.map(({ key, lastModified, etag, size, checksum }) => ({
      Key: encode(key),
      LastModified: new Date(lastModified).toISOString(),
      ETag: etag,
      ChecksumAlgorithm: checksum?.algorithm,
      ChecksumType: checksum?.type,
      Size: size,
      StorageClass: "STANDARD",
    })),
    CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

function listVersion2(
  sorted: readonly ObjectRecord[],
  query: ReadonlyMap<string, string>,
  page: Omit<ListingQuery, "after">,
): XmlElements {
  const encode = encoder(query);
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after");
  const listing = listPage(sorted, { ...page, after: token === undefined ? (startAfter ?? "") : parseToken(token) });
  return {
    Prefix: encode(page.prefix),
    Delimiter: page.delimiter === "" ? undefined : encode(page.delimiter),
    StartAfter: startAfter === undefined ? undefined : encode(startAfter),
    ContinuationToken: token,
    NextContinuationToken: listing.next === undefined ? undefined : Buffer.from(listing.next).toString("base64url"),
    KeyCount: listing.objects.length + listing.commonPrefixes.length,
    MaxKeys: page.maxKeys,
    IsTruncated: listing.next !== undefined,
    EncodingType: query.get("encoding-type"),
    ...entries(listing, encode),
  };
}

function listVersion1(
  sorted: readonly ObjectRecord[],
  query: ReadonlyMap<string, string>,
  page: Omit<ListingQuery, "after">,
): XmlElements {
  const encode = encoder(query);
  const marker = query.get("marker") ?? "";
  const listing = listPage(sorted, { ...page, after: marker });
  return {
    Prefix: encode(page.prefix),
    Marker: encode(marker),
    Delimiter: page.delimiter === "" ? undefined : encode(page.delimiter),
    NextMarker: listing.next === undefined ? undefined : encode(listing.next),
    MaxKeys: page.maxKeys,
    IsTruncated: listing.next !== undefined,
    EncodingType: query.get("encoding-type"),
    ...entries(listing, encode),
  };
}

export function listObjects({ storage }: OperationContext, { bucket, query }: S3Request): S3Answer {
  const type = query.get("list-type");
  if (type !== undefined && type !== "2")
    throw new S3Error("InvalidArgument", "Invalid List Type specified in Request");
  const page = {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    maxKeys: parsePageSize(query.get("max-keys"), "max-keys"),
  };
  const list = type === "2" ? listVersion2 : listVersion1;
  return {
    status: 200,
    body: formatXml("ListBucketResult", { Name: bucket, ...list(storage.listObjects(bucket), query, page) }),
  };
}
