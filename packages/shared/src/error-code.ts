/**
 * Every error that crosses the wire: its code and its HTTP status, in one table. S3's own errors are
 * not here: they come from the store, as XML.
 */
export const ERROR_STATUS = {
  InvalidKey: 400,
  InvalidRequest: 400,
  InvalidHeader: 400,
  Unauthenticated: 401,
  AccessDenied: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  LengthRequired: 411,
  PreconditionFailed: 412,
  EntityTooLarge: 413,
  UriTooLong: 414,
  UnsupportedMediaType: 415,
  ExpectationFailed: 417,
  PreconditionRequired: 428,
  TooManyRequests: 429,
  HeadersTooLarge: 431,
  InternalError: 500,
  NotImplemented: 501,
  ServiceUnavailable: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** The body of an error answer: `application/problem+json` (RFC 9457) with `code` and `requestId` added. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly requestId: string;
}

/** An error with a code of the wire. `detail` says what was wrong and what to do, and is shown to the client. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ErrorCode;
  /** Headers that the answer must carry, such as `Allow` (RFC 9110 15.5.6). */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    detail: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.headers = options.headers ?? {};
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** "InvalidKey" → "Invalid key". */
function titleOf(code: ErrorCode): string {
  const words = code.replaceAll(/(?<=[a-z])(?=[A-Z])/gu, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function toProblem(error: ProtocolError, requestId: string): Problem {
  return {
    type: `urn:s3r:problem:${error.code}`,
    title: titleOf(error.code),
    status: error.status,
    detail: error.message,
    code: error.code,
    requestId,
  };
}

/** Recognises a problem document of s3r in parsed JSON from an untrusted server. */
export function isProblem(value: unknown): value is Problem {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    Object.hasOwn(ERROR_STATUS, value.code) &&
    "detail" in value &&
    typeof value.detail === "string" &&
    "status" in value &&
    typeof value.status === "number"
  );
}
