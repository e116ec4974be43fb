/**
 * The headers that cross the wire, and which of the client's request headers are mirrored into the
 * signature. What a client sends twice, to the API and to S3, is checked once and then signed.
 */
import { ProtocolError } from "./error-code.ts";
import { MAX_SINGLE_PUT_BYTES } from "./limits.ts";
import { OPERATIONS, type HeaderGroup, type Operation } from "./operation.ts";

/** Request: the size of the body that a bodiless request announces; it is signed as `content-length`. */
export const CONTENT_LENGTH_HEADER = "s3r-content-length";

/** Answer: for how many seconds the presigned URL can be used. */
export const EXPIRES_IN_HEADER = "s3r-expires-in";

export const REQUEST_ID_HEADER = "x-request-id";

/** S3's user metadata: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
export const METADATA_HEADER_PREFIX = "x-amz-meta-";

const CHECKSUM_HEADER_PREFIX = "x-amz-checksum-";

/** Amazon's own proxies add these on the way; no client sends them and S3 is never sent them. */
const PROXY_HEADERS: ReadonlySet<string> = new Set(["x-amz-cf-id"]);

const GROUP_NAMES: Readonly<Record<HeaderGroup, readonly string[]>> = {
  read: ["x-amz-checksum-mode"],
  entity: ["content-md5", "content-encoding", "content-disposition", "content-language", "cache-control", "expires"],
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: PutObject and CompleteMultipartUpload only.
  "conditional-write": ["if-match", "if-none-match"],
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
  "conditional-delete": ["if-match"],
  checksum: ["x-amz-sdk-checksum-algorithm", "x-amz-mp-object-size"],
  metadata: [],
};

/** Headers that would be ignored where they do not apply, though the client counts on them: refused there. */
const MUST_APPLY: readonly { readonly name: string; readonly where: string }[] = [
  { name: "if-none-match", where: "PutObject and CompleteMultipartUpload" },
  { name: "if-match", where: "PutObject, CompleteMultipartUpload and DeleteObject" },
];

function refuse(detail: string): never {
  throw new ProtocolError("InvalidHeader", detail);
}

function isMirrored(name: string, groups: readonly HeaderGroup[]): boolean {
  // A store that is stricter than S3 refuses an unsigned content-type, so it is signed whenever a client sends one.
  if (name === "content-type") return true;
  if (groups.includes("checksum") && name.startsWith(CHECKSUM_HEADER_PREFIX)) return name !== "x-amz-checksum-mode";
  if (groups.includes("metadata") && name.startsWith(METADATA_HEADER_PREFIX)) return true;
  return groups.some((group) => GROUP_NAMES[group].includes(name));
}

function parseLength(name: string, value: string): number {
  if (!/^(?:0|[1-9]\d{0,15})$/u.test(value)) refuse(`\`${name}\` must be a whole number of bytes`);
  return Number(value);
}

/**
 * The size of the body that the client will send to S3, in bytes, as far as it has said; 0 counts.
 * @throws ProtocolError InvalidHeader for what is no whole number, or two that differ.
 */
export function announcedLength(headers: Headers): number | undefined {
  const sent = headers.get("content-length");
  const announced = headers.get(CONTENT_LENGTH_HEADER);
  const sentLength = sent === null ? undefined : parseLength("content-length", sent);
  const announcedBytes = announced === null ? undefined : parseLength(CONTENT_LENGTH_HEADER, announced);
  if (announcedBytes === undefined) return sentLength;
  if (sentLength !== undefined && sentLength > 0 && sentLength !== announcedBytes) {
    refuse(`\`content-length\` and \`${CONTENT_LENGTH_HEADER}\` differ: announce one size`);
  }
  return announcedBytes;
}

function checkLength(operation: Operation, headers: Headers): number {
  if (headers.has("transfer-encoding")) {
    throw new ProtocolError(
      "LengthRequired",
      "S3 takes no body without a length, and several clients would store an empty object after the redirect: " +
        "send Content-Length (for curl, upload a file instead of stdin, or use `s3r put`)",
    );
  }
  const length = announcedLength(headers) ?? 0;
  if (length > MAX_SINGLE_PUT_BYTES) {
    throw new ProtocolError(
      "EntityTooLarge",
      `${operation.name} carries at most ${MAX_SINGLE_PUT_BYTES} bytes (5 GiB), not ${length}: use a multipart upload`,
    );
  }
  return length;
}

function checkConditions(operation: Operation, headers: Headers): void {
  const { headerGroups, action } = OPERATIONS[operation.name];
  if (action !== "write" && action !== "delete") return;
  for (const { name, where } of MUST_APPLY) {
    if (headers.has(name) && !isMirrored(name, headerGroups)) {
      refuse(`\`${name}\` has no effect on ${operation.name}: S3 evaluates it on ${where} only`);
    }
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null && ifNoneMatch !== "*") {
    refuse("`if-none-match` on a write must be `*`: S3 knows no other value there");
  }
}

function checkValue(name: string, value: string): string {
  if (!/^[\x20-\x7e]*$/u.test(value))
    refuse(`\`${name}\` must be printable ASCII: encode other text (RFC 2047, RFC 8187)`);
  return value;
}

/**
 * The headers that the presigned URL must be used with: exactly those of the client's that are
 * mirrored, lower-case names, `host` not among them.
 * @throws ProtocolError InvalidHeader for any other `x-amz-*` header (S3 would refuse it only after the
 *   body), LengthRequired for a body of unknown length, EntityTooLarge above 5 GiB.
 */
export function mirrorHeaders(operation: Operation, headers: Headers): Readonly<Record<string, string>> {
  const spec = OPERATIONS[operation.name];
  const mirrored: Record<string, string> = {};
  checkConditions(operation, headers);
  if (spec.body !== "none") {
    const length = checkLength(operation, headers);
    // A length of 0 is not signed: a bodiless first request carries it too, and says nothing about the second.
    if (length > 0) mirrored["content-length"] = String(length);
  }
  for (const [name, value] of headers) {
    if (isMirrored(name, spec.headerGroups)) mirrored[name] = checkValue(name, value);
    else if (name.startsWith("x-amz-") && !PROXY_HEADERS.has(name)) {
      refuse(`\`${name}\` is not allowed on ${operation.name}: s3r signs no such header`);
    }
  }
  return mirrored;
}
