/** The checksums and digests that a client sends with a body: which, what they say, and whether it is true. */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import {
  CHECKSUM_LIST,
  createChecksum,
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumSpec,
} from "@s3r/shared/checksum";
import { S3Error } from "../s3-error.ts";
import type { S3Request } from "../s3-request.ts";
import type { RequestBody } from "./request-body.ts";

export interface BodyChecksum {
  readonly spec: ChecksumSpec;
  readonly checksum: Checksum;
  /** What the client says, once the body has been read: a trailer comes last. */
  readonly claimed: (body: RequestBody) => string | undefined;
}

function isValue(spec: ChecksumSpec, value: string): boolean {
  const bytes = Buffer.from(value, "base64");
  return bytes.byteLength === spec.byteLength && bytes.toString("base64") === value;
}

export function checkedValue(spec: ChecksumSpec, value: string, header = spec.header): string {
  if (isValue(spec, value)) return value;
  throw new S3Error("InvalidRequest", `Value for ${header} header is invalid.`);
}

/** The one checksum header of a request, if it has one. */
function claimedChecksum(headers: IncomingHttpHeaders): { spec: ChecksumSpec; value: string } | undefined {
  const claims = CHECKSUM_LIST.filter(({ header }) => headers[header] !== undefined);
  const [spec, second] = claims;
  if (second !== undefined)
    throw new S3Error(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  return spec === undefined ? undefined : { spec, value: String(headers[spec.header]) };
}

/** The checksum that comes behind the body, by what the request says of its trailer. */
function trailerSpec(headers: IncomingHttpHeaders): ChecksumSpec | undefined {
  const name = String(headers["x-amz-trailer"] ?? "").toLowerCase();
  return CHECKSUM_LIST.find(({ header }) => header === name);
}

/** The checksum that a request brings with its body, as a header or behind it. */
export function announcedChecksum(headers: IncomingHttpHeaders): ChecksumSpec | undefined {
  return claimedChecksum(headers)?.spec ?? trailerSpec(headers);
}

/** What S3 answers to an algorithm without its checksum, or beside another one (apache/hadoop#6467, versity/versitygw#1593 and #1659). */
function checkSdkAlgorithm(headers: IncomingHttpHeaders): void {
  const named = headers["x-amz-sdk-checksum-algorithm"];
  if (named === undefined) return;
  const announced = announcedChecksum(headers);
  if (announced === undefined) {
    throw new S3Error(
      "InvalidRequest",
      "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
    );
  }
  if (announced.algorithm !== String(named).toUpperCase()) {
    throw new S3Error("InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
}

function trailerValue({ trailers }: RequestBody, { header }: ChecksumSpec): string {
  const value = trailers.get(header);
  if (value !== undefined) return value;
  throw new S3Error("MalformedTrailerError", `The request announced the trailer ${header}, and it did not come.`);
}

/**
 * What to compute while the body is read: the checksum that the client sends as a header or a trailer, or else the one that is wanted anyway.
 * @throws S3Error InvalidRequest for a malformed value, before the body is read.
 */
export async function openBodyChecksum(
  headers: IncomingHttpHeaders,
  wanted?: ChecksumAlgorithm,
): Promise<BodyChecksum | undefined> {
  checkSdkAlgorithm(headers);
  const claimed = claimedChecksum(headers);
  if (claimed !== undefined) {
    const value = checkedValue(claimed.spec, claimed.value);
    return { spec: claimed.spec, checksum: await createChecksum(claimed.spec.algorithm), claimed: () => value };
  }
  const trailer = trailerSpec(headers);
  const spec = trailer ?? CHECKSUM_LIST.find(({ algorithm }) => algorithm === wanted);
  if (spec === undefined) return undefined;
  const checksum = await createChecksum(spec.algorithm);
  return { spec, checksum, claimed: (body) => (trailer === undefined ? undefined : trailerValue(body, trailer)) };
}

/** @throws S3Error BadDigest */
export function verifiedValue({ spec, checksum, claimed }: BodyChecksum, body: RequestBody): string {
  const computed = checksum.digest();
  const value = claimed(body);
  if (value !== undefined && checkedValue(spec, value) !== computed) {
    throw new S3Error("BadDigest", `The ${spec.algorithm} you specified did not match the calculated checksum.`);
  }
  return computed;
}

/** @throws S3Error InvalidDigest, before the body is read. */
export function claimedMd5(headers: IncomingHttpHeaders): string | undefined {
  const value = headers["content-md5"];
  if (value === undefined) return undefined;
  const bytes = Buffer.from(String(value), "base64");
  if (bytes.byteLength !== 16 || bytes.toString("base64") !== value)
    throw new S3Error("InvalidDigest", "The Content-MD5 you specified is not valid.");
  return bytes.toString("hex");
}

/** @throws S3Error BadDigest */
export function verifyMd5(claimed: string | undefined, computed: string): void {
  if (claimed !== undefined && claimed !== computed) {
    throw new S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
}

async function* verifyDigests(
  body: RequestBody,
  claimed: string | undefined,
  checksum: BodyChecksum | undefined,
): AsyncGenerator<Uint8Array> {
  const md5 = createHash("md5");
  for await (const chunk of body.chunks) {
    md5.update(chunk);
    checksum?.checksum.update(chunk);
    yield chunk;
  }
  verifyMd5(claimed, md5.digest("hex"));
  if (checksum !== undefined) verifiedValue(checksum, body);
}

/**
 * The body of a request, which fails at its end if it is not what the client says of it.
 * @param checksum where the checksum headers are about the body itself, and not about an object as at a completion.
 */
export function holdDigests(
  { headers, openBody }: Pick<S3Request, "headers" | "openBody">,
  checksum?: BodyChecksum,
): RequestBody {
  const md5 = claimedMd5(headers);
  const body = openBody();
  return { ...body, chunks: verifyDigests(body, md5, checksum) };
}

/** The ETag of a multipart object: the MD5 of its parts' MD5s, and how many they are. */
export function multipartEtag(partEtags: readonly string[]): string {
  const md5 = createHash("md5");
  for (const etag of partEtags) md5.update(Buffer.from(etag.replaceAll('"', ""), "hex"));
  return `"${md5.digest("hex")}-${partEtags.length}"`;
}
