/** The body of a request as the object's own bytes: its length held, its coding undone, its announced SHA-256 checked. */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { S3Error } from "../s3-error.ts";
import { decodeAwsChunked } from "./aws-chunked.ts";

export interface RequestBody {
  /** To be read once. Fails unless exactly the announced bytes come. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Bytes of the object. */
  readonly length: number;
  /** Lower-case names; complete when `chunks` are at their end. */
  readonly trailers: ReadonlyMap<string, string>;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
const MAX_BODY_BYTES = 5 * 1024 ** 3;

function parseLength(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,15}$/u.test(value) ? Number(value) : undefined;
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(",") : value;
}

/** The SDKs send aws-chunked bodies in HTTP chunks, with the object's own length beside them. */
const STREAMING = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

function announcedLength(headers: IncomingHttpHeaders): number {
  if (headers["transfer-encoding"] !== undefined) {
    // S3 refuses a chunked body without a length so (aws/aws-sdk-js#1237).
    throw new S3Error("NotImplemented", "A header you provided implies functionality that is not implemented", {
      elements: { Header: "Transfer-Encoding" },
    });
  }
  const length = parseLength(headers["content-length"]);
  if (length === undefined)
    throw new S3Error("MissingContentLength", "You must provide the Content-Length HTTP header.");
  return length;
}

function checkSize(length: number): void {
  if (length <= MAX_BODY_BYTES) return;
  throw new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
    elements: { ProposedSize: String(length), MaxSizeAllowed: String(MAX_BODY_BYTES) },
  });
}

async function* holdLength(chunks: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > length) break;
    yield chunk;
  }
  if (size !== length) {
    throw new S3Error(
      "IncompleteBody",
      "You did not provide the number of bytes specified by the Content-Length HTTP header",
    );
  }
}

async function* holdSha256(chunks: AsyncIterable<Uint8Array>, expected: string): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = hash.digest("hex");
  if (actual !== expected) {
    throw new S3Error(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      {
        elements: { ClientComputedContentSHA256: expected, S3ComputedContentSHA256: actual },
      },
    );
  }
}

function decodedLength(headers: IncomingHttpHeaders): number {
  const length = parseLength(headerText(headers["x-amz-decoded-content-length"]));
  if (length === undefined) {
    throw new S3Error("MissingContentLength", "You must provide the x-amz-decoded-content-length HTTP header.");
  }
  return length;
}

/**
 * @param raw the bytes as they come over the wire.
 * @throws S3Error before a byte is read, for a body without a length, above 5 GiB, or in a coding that is not known here.
 */
export function openRequestBody(headers: IncomingHttpHeaders, raw: AsyncIterable<Uint8Array>): RequestBody {
  const sha256 = headerText(headers["x-amz-content-sha256"]) ?? "UNSIGNED-PAYLOAD";
  const trailers = new Map<string, string>();

  if (sha256 === STREAMING) {
    const decoded = decodedLength(headers);
    checkSize(decoded);
    return { chunks: holdLength(decodeAwsChunked(raw, trailers), decoded), length: decoded, trailers };
  }
  const length = announcedLength(headers);
  checkSize(length);
  const chunks = holdLength(raw, length);
  if (sha256 === "UNSIGNED-PAYLOAD") return { chunks, length, trailers };
  if (/^[0-9a-f]{64}$/u.test(sha256)) return { chunks: holdSha256(chunks, sha256), length, trailers };
  throw new S3Error(
    "NotImplemented",
    `The dev store does not take a body signed as ${sha256.slice(0, 64)}: use UNSIGNED-PAYLOAD`,
  );
}
