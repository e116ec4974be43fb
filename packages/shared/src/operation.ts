/**
 * Everything s3r knows about an S3 operation, in one table. Routing, policy, signing, client and
 * documents are handed a row; nothing below this module guesses an operation from a method and
 * missing fields.
 */
import { complainAboutDisposition } from "./content-disposition.ts";
import { MAX_PAGE_ENTRIES, MAX_PART_NUMBER } from "./limits.ts";

export type OperationName =
  | "GetObject"
  | "HeadObject"
  | "PutObject"
  | "DeleteObject"
  | "ListObjectsV2"
  | "CreateMultipartUpload"
  | "UploadPart"
  | "ListParts"
  | "CompleteMultipartUpload"
  | "AbortMultipartUpload";

export type Method = "GET" | "HEAD" | "PUT" | "POST" | "DELETE";

/** What a policy grants. */
export type Action = "read" | "write" | "delete" | "list";

/** Says what is wrong with a parameter's value, or nothing. */
export type ParameterCheck = (value: string) => string | undefined;

/** The families of request headers that are mirrored into the signature; `header.ts` lists their names. */
export type HeaderGroup = "read" | "entity" | "conditional-write" | "conditional-delete" | "checksum" | "metadata";

export interface OperationSpec {
  readonly name: OperationName;
  readonly method: Method;
  readonly action: Action;
  /** What the path names: one object, or the prefix of a listing. */
  readonly target: "object" | "prefix";
  /** The query parameters whose presence, all of them and no other row's, selects this operation. */
  readonly selectors: Readonly<Record<string, ParameterCheck>>;
  /** Further query parameters that the client may send. */
  readonly parameters: Readonly<Record<string, ParameterCheck>>;
  readonly headerGroups: readonly HeaderGroup[];
  /**
   * What the signer must be allowed to do, so that the URL works.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
   */
  readonly permissions: readonly string[];
  /** What the client's body at S3 is. */
  readonly body: "none" | "object" | "xml";
}

/** One request as the client meant it: what is authorised and what is signed are this same value. */
export interface Operation {
  readonly name: OperationName;
  /** The decoded object key, or the prefix of a listing, without the deployment's key prefix. */
  readonly key: string;
  /** Decoded query parameters, only those that the operation's row names. */
  readonly query: Readonly<Record<string, string>>;
}

function integer(minimum: number, maximum: number): ParameterCheck {
  return (value) =>
    /^(?:0|[1-9]\d{0,9})$/u.test(value) && Number(value) >= minimum && Number(value) <= maximum
      ? undefined
      : `must be a whole number from ${minimum} to ${maximum}`;
}

function exactly(expected: string): ParameterCheck {
  return (value) => (value === expected ? undefined : `must be \`${expected}\``);
}

function text(maximumLength: number): ParameterCheck {
  return (value) => {
    if (value === "") return "must not be empty";
    if (value.length > maximumLength) return `must have at most ${maximumLength} characters`;
    return /\p{Cc}/u.test(value) ? "must not hold control characters" : undefined;
  };
}

const opaque = text(2048);
const noValue = exactly("");
const partNumber = integer(1, MAX_PART_NUMBER);

const READ_PARAMETERS = { versionId: text(1024), "response-content-disposition": complainAboutDisposition };

export const OPERATIONS: Readonly<Record<OperationName, OperationSpec>> = {
  GetObject: {
    name: "GetObject",
    method: "GET",
    action: "read",
    target: "object",
    selectors: {},
    parameters: READ_PARAMETERS,
    headerGroups: ["read"],
    permissions: ["s3:GetObject", "s3:GetObjectVersion"],
    body: "none",
  },
  HeadObject: {
    name: "HeadObject",
    method: "HEAD",
    action: "read",
    target: "object",
    selectors: {},
    parameters: READ_PARAMETERS,
    headerGroups: ["read"],
    permissions: ["s3:GetObject", "s3:GetObjectVersion"],
    body: "none",
  },
  PutObject: {
    name: "PutObject",
    method: "PUT",
    action: "write",
    target: "object",
    selectors: {},
    parameters: {},
    headerGroups: ["entity", "conditional-write", "checksum", "metadata"],
    permissions: ["s3:PutObject"],
    body: "object",
  },
  DeleteObject: {
    name: "DeleteObject",
    method: "DELETE",
    action: "delete",
    target: "object",
    selectors: {},
    parameters: {},
    headerGroups: ["conditional-delete"],
    permissions: ["s3:DeleteObject"],
    body: "none",
  },
  ListObjectsV2: {
    name: "ListObjectsV2",
    method: "GET",
    action: "list",
    target: "prefix",
    selectors: { "list-type": exactly("2") },
    parameters: {
      delimiter: text(1024),
      "max-keys": integer(0, MAX_PAGE_ENTRIES),
      "start-after": text(1024),
      "continuation-token": opaque,
    },
    headerGroups: [],
    permissions: ["s3:ListBucket"],
    body: "none",
  },
  CreateMultipartUpload: {
    name: "CreateMultipartUpload",
    method: "POST",
    action: "write",
    target: "object",
    selectors: { uploads: noValue },
    parameters: {},
    headerGroups: ["entity", "checksum", "metadata"],
    permissions: ["s3:PutObject"],
    body: "none",
  },
  UploadPart: {
    name: "UploadPart",
    method: "PUT",
    action: "write",
    target: "object",
    selectors: { partNumber, uploadId: opaque },
    parameters: {},
    headerGroups: ["entity", "checksum"],
    permissions: ["s3:PutObject"],
    body: "object",
  },
  ListParts: {
    name: "ListParts",
    method: "GET",
    action: "write",
    target: "object",
    selectors: { uploadId: opaque },
    parameters: { "part-number-marker": integer(0, MAX_PART_NUMBER), "max-parts": integer(0, MAX_PAGE_ENTRIES) },
    headerGroups: [],
    permissions: ["s3:ListMultipartUploadParts"],
    body: "none",
  },
  CompleteMultipartUpload: {
    name: "CompleteMultipartUpload",
    method: "POST",
    action: "write",
    target: "object",
    selectors: { uploadId: opaque },
    parameters: {},
    headerGroups: ["entity", "conditional-write", "checksum"],
    permissions: ["s3:PutObject"],
    body: "xml",
  },
  AbortMultipartUpload: {
    name: "AbortMultipartUpload",
    method: "DELETE",
    action: "write",
    target: "object",
    selectors: { uploadId: opaque },
    parameters: {},
    headerGroups: [],
    permissions: ["s3:AbortMultipartUpload"],
    body: "none",
  },
};

export const OPERATION_LIST: readonly OperationSpec[] = Object.values(OPERATIONS);
