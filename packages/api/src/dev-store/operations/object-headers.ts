/** The headers that are kept with an object, and how they come back. */
import type { IncomingHttpHeaders } from "node:http";
import { CHECKSUMS } from "@s3r/shared/checksum";
import type { ObjectRecord, StoredChecksum } from "../disk/records.ts";
import { S3Error } from "../s3-error.ts";

const KEPT_HEADERS: ReadonlySet<string> = new Set([
  "content-type",
  "content-encoding",
  "content-disposition",
  "content-language",
  "cache-control",
  "expires",
]);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const MAX_METADATA_BYTES = 2048;

/** Headers that would change what is stored or who may read it, of which the dev store has nothing. */
const NOT_IMPLEMENTED =
  /^x-amz-(?:acl|grant-.*|copy-source.*|tagging|website-redirect-location|server-side-encryption.*|object-lock-.*)$/u;

function withoutAwsChunked(encoding: string): string {
  return encoding
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "aws-chunked" && each !== "")
    .join(",");
}

function checkMetadata(headers: Readonly<Record<string, string>>): void {
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta-"));
  const bytes = metadata.reduce((sum, [name, value]) => sum + name.length - "x-amz-meta-".length + value.length, 0);
  if (bytes > MAX_METADATA_BYTES) {
    throw new S3Error("InvalidArgument", "Your metadata headers exceed the maximum allowed metadata size");
  }
}

/** @throws S3Error NotImplemented for a header whose silent loss would matter: a part that is to be copied would be an empty one. */
export function refuseUnsupported(headers: IncomingHttpHeaders): void {
  const refused = Object.keys(headers).find((name) => NOT_IMPLEMENTED.test(name) && headers[name] !== "private");
  if (refused !== undefined) {
    throw new S3Error("NotImplemented", "A header you provided implies functionality that is not implemented", {
      elements: { Header: refused },
    });
  }
}

/** @throws S3Error as `refuseUnsupported` does, and for too much metadata. */
export function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  refuseUnsupported(headers);
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (KEPT_HEADERS.has(name) || name.startsWith("x-amz-meta-")) kept[name] = String(value);
  }
  const encoding = kept["content-encoding"];
  if (encoding !== undefined) kept["content-encoding"] = withoutAwsChunked(encoding);
  if (kept["content-encoding"] === "") delete kept["content-encoding"];
  checkMetadata(kept);
  return kept;
}

export function checksumHeaders(checksum: StoredChecksum | undefined): Record<string, string> {
  return checksum === undefined
    ? {}
    : { [CHECKSUMS[checksum.algorithm].header]: checksum.value, "x-amz-checksum-type": checksum.type };
}

/** S3's default where an upload named no type. */
const DEFAULT_TYPE = { "content-type": "binary/octet-stream" };

export function storedHeaders({ headers, etag, lastModified }: ObjectRecord): Record<string, string> {
  return {
    ...DEFAULT_TYPE,
    ...headers,
    etag,
    "last-modified": new Date(lastModified).toUTCString(),
    "accept-ranges": "bytes",
  };
}
