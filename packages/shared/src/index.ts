/** What crosses the wire between s3r's API and its clients, as types and pure functions. */
export type { RefusedAnswer, SignBatch, SignBatchAnswer, SignedAnswer, SignRequest } from "./batch.ts";
export { CHECKSUM_LIST, CHECKSUMS } from "./checksum-algorithm.ts";
export type { ChecksumAlgorithm, ChecksumSpec, ChecksumType } from "./checksum-algorithm.ts";
export { ERROR_STATUS, isProblem, ProtocolError, toProblem } from "./error-code.ts";
export type { ErrorCode, Problem } from "./error-code.ts";
export {
  announcedLength,
  CONTENT_LENGTH_HEADER,
  EXPIRES_IN_HEADER,
  METADATA_HEADER_PREFIX,
  mirrorHeaders,
  REQUEST_ID_HEADER,
} from "./header.ts";
export {
  DEFAULT_EXPIRES_IN_SECONDS,
  MAX_BATCH_BODY_BYTES,
  MAX_BATCH_REQUESTS,
  MAX_EXPIRES_IN_SECONDS,
  MAX_KEY_BYTES,
  MAX_PAGE_ENTRIES,
  MAX_PART_NUMBER,
  MAX_SINGLE_PUT_BYTES,
  MAX_TARGET_LENGTH,
  MIN_PART_BYTES,
} from "./limits.ts";
export {
  encodeObjectKey,
  parseObjectKey,
  parsePrefix,
  percentDecodeOnce,
  percentEncode,
  RESERVED_SEGMENT,
} from "./object-key.ts";
export { OPERATION_LIST, OPERATIONS } from "./operation.ts";
export type { Action, HeaderGroup, Method, Operation, OperationName, OperationSpec } from "./operation.ts";
export { ALLOWED_METHODS, formatRoute, parseRoute, splitTarget } from "./route.ts";
export type { RequestTarget } from "./route.ts";
export type { WhoAmI, WhoAmIStatement } from "./who-am-i.ts";
