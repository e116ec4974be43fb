/**
 * Whether a write stays within a statement's limits, by the headers that it announces. What passes is
 * signed with those headers, so the store holds the client to them: also one that knows nothing of s3r.
 */
import { CHECKSUM_LIST, OPERATIONS, type ErrorCode, type OperationName } from "@s3r/shared";
import type { Limits } from "./policy.ts";

/** What the client will send to the store, as it has said in its first request. */
export interface Announcement {
  /** The mirrored headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the body, in bytes; also 0, which is no mirrored header. Absent when nothing was said. */
  readonly contentLength?: number;
}

export interface Refusal {
  readonly code: ErrorCode;
  /** What was wrong and what to do, for the client. */
  readonly reason: string;
}

type Check = (limits: Limits, operation: OperationName, announced: Announcement) => Refusal | undefined;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html: S3 refuses another total than this. */
const OBJECT_SIZE_HEADER = "x-amz-mp-object-size";

const CHECKSUM_HEADERS: readonly string[] = CHECKSUM_LIST.map(({ header }) => header);
const CHECKSUM_ALGORITHM_HEADER = "x-amz-checksum-algorithm";

/** RFC 9110 8.3.1. No comma: two types in one header are read by some clients as the last, by others as the first. */
const MEDIA_TYPE = /^([\w!#$&^.+-]+)\/([\w!#$&^.+-]+)(?:[\t ]*;[\t ]*[\w!#$&^.+-]+=(?:[\w!#$&^.+-]+|"[^",\\]*"))*$/u;

const checkMaxBytes: Check = ({ maxBytes }, operation, { headers, contentLength }) => {
  if (maxBytes === undefined || operation === "CreateMultipartUpload") return undefined;
  const isComplete = operation === "CompleteMultipartUpload";
  const size = isComplete ? headers[OBJECT_SIZE_HEADER] : contentLength;
  if (size === undefined || !/^\d+$/u.test(String(size))) {
    const header = isComplete
      ? OBJECT_SIZE_HEADER
      : "Content-Length (or S3r-Content-Length, on a request without a body)";
    return {
      code: "LengthRequired",
      reason: `at most ${maxBytes} bytes may be written here: announce how many with ${header}`,
    };
  }
  if (Number(size) <= maxBytes) return undefined;
  return { code: "EntityTooLarge", reason: `at most ${maxBytes} bytes may be written here, not ${size}` };
};

/** S3 evaluates it where the object comes into being: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
const checkOverwrite: Check = ({ overwrite }, operation, { headers }) => {
  if (overwrite === undefined || (operation !== "PutObject" && operation !== "CompleteMultipartUpload"))
    return undefined;
  if (headers["if-none-match"] === "*") return undefined;
  return {
    code: "PreconditionRequired",
    reason: "only new objects may be written here: add the header `If-None-Match: *`",
  };
};

/** Of a multipart upload every part has one, once its creation has named the algorithm. */
const checkChecksum: Check = ({ requireChecksum }, operation, { headers }) => {
  if (requireChecksum === undefined || operation === "CompleteMultipartUpload") return undefined;
  const accepted = operation === "CreateMultipartUpload" ? [CHECKSUM_ALGORITHM_HEADER] : CHECKSUM_HEADERS;
  if (accepted.some((name) => headers[name] !== undefined && headers[name] !== "")) return undefined;
  const wanted = accepted.map((name) => `\`${name}\``).join(" or ");
  return {
    code: "PreconditionRequired",
    reason: `what is written here needs a checksum: add one of the headers ${wanted}`,
  };
};

function isAllowedType(contentTypes: readonly string[], header: string): boolean {
  const [, type, subtype] = MEDIA_TYPE.exec(header.toLowerCase()) ?? [];
  return type !== undefined && (contentTypes.includes(`${type}/${subtype}`) || contentTypes.includes(`${type}/*`));
}

/** The parts of an upload have no type of their own. */
const checkContentType: Check = ({ contentTypes }, operation, { headers }) => {
  if (contentTypes === undefined || (operation !== "PutObject" && operation !== "CreateMultipartUpload"))
    return undefined;
  const header = headers["content-type"];
  if (header !== undefined && isAllowedType(contentTypes, header)) return undefined;
  const allowed = contentTypes.join(", ");
  const reason =
    header === undefined ? `add a Content-Type header, one of ${allowed}` : `Content-Type must be one of ${allowed}`;
  return { code: "UnsupportedMediaType", reason };
};

/** In the order in which they are told: first what no header can mend. */
const CHECKS: readonly Check[] = [checkContentType, checkMaxBytes, checkOverwrite, checkChecksum];

/** The first limit that the announcement does not keep. Limits are about what is written; there is none for reading. */
export function checkLimits(limits: Limits, operation: OperationName, announced: Announcement): Refusal | undefined {
  if (OPERATIONS[operation].action !== "write") return undefined;
  if (operation === "ListParts" || operation === "AbortMultipartUpload") return undefined;
  for (const check of CHECKS) {
    const refusal = check(limits, operation, announced);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/**
 * What must be signed so that the limits hold. A length of 0 is signed only here: without a limit it is
 * left out, since a first request without a body carries it too.
 */
export function limitedHeaders(
  limits: Limits,
  operation: OperationName,
  announced: Announcement,
): Announcement["headers"] {
  const isEmptyBody = OPERATIONS[operation].body === "object" && announced.contentLength === 0;
  return limits.maxBytes !== undefined && isEmptyBody
    ? { ...announced.headers, "content-length": "0" }
    : announced.headers;
}
