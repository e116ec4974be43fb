/** What can go wrong at a store, by name, as S3 and networks do it. */

/** Answers instead of the store's own. `code` and `message` are S3's. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const REFUSALS = {
  "slow-down": { status: 503, code: "SlowDown" },
  "retry-after": { status: 503, code: "SlowDown", headers: { "retry-after": "2" } },
  "retry-after-an-hour": { status: 503, code: "SlowDown", headers: { "retry-after": "3600" } },
  "internal-error": { status: 500, code: "InternalError" },
  "bad-gateway": { status: 502, code: "" },
  "request-timeout": { status: 400, code: "RequestTimeout" },
  "bad-digest": { status: 400, code: "BadDigest" },
  "expired-url": { status: 403, code: "AccessDenied", message: "Request has expired" },
  "expired-token": { status: 400, code: "ExpiredToken" },
  skewed: { status: 403, code: "RequestTimeTooSkewed" },
  conflict: { status: 409, code: "ConditionalRequestConflict" },
  denied: { status: 403, code: "AccessDenied", message: "Access Denied" },
  "wrong-region": { status: 301, code: "PermanentRedirect" },
  "no-such-upload": { status: 404, code: "NoSuchUpload" },
  "invalid-part": { status: 400, code: "InvalidPart" },
  "checksum-wanted": {
    status: 400,
    code: "InvalidRequest",
    message: "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: null",
  },
  "moved-for-a-while": {
    status: 307,
    code: "TemporaryRedirect",
    headers: { location: "http://localhost:1/elsewhere" },
  },
} as const satisfies Readonly<Record<string, Refusal>>;

export type StoreFault =
  | keyof typeof REFUSALS
  /** PUT: the connection is reset when half of the body has come. */
  | "reset-at-half"
  /** PUT, and Complete: it is done, and the connection reset before the answer. */
  | "lost-answer"
  /** PUT: one bit is another one when it comes to be stored. */
  | "flipped-on-the-way"
  /** Complete: 200, white space, and then an error. */
  | "late-error"
  /** Complete: it is done, and the answer is cut off. */
  | "cut-answer"
  /** Complete: 200 and nothing, and nothing is done. */
  | "empty-answer"
  /** PUT: refused by the head alone, and closed without reading the body. */
  | "early-denied"
  /** PUT: the same when 8 KiB of the body are there, as servers on fasthttp do. */
  | "denied-at-8-kib"
  /** What comes is answered, and the connection closed a moment later, as S3 does with those that idle. */
  | "closes"
  /** The request is taken and never answered. */
  | "stall"
  /** GET: half of what is to come, and then a closed connection; or another share of it, from 0 to 1. */
  | "cut"
  | `cut@${number}`
  /** GET: as `cut`, and a connection that is reset. */
  | `reset@${number}`
  /** GET: as `cut`, and another object is there from then on. */
  | "replaced"
  /** GET: one bit differs from what is stored: the first byte's, or of one further on. */
  | "flipped-bit"
  | `flipped-bit@${number}`
  /** GET: the whole object although a range was asked for. */
  | "ignored-range"
  /** GET: 206 that begins somewhere else. */
  | "wrong-range"
  /** GET: more bytes than the answer's own range has. */
  | "extra-bytes"
  /** GET: all bytes in chunks, and a closed connection instead of the last chunk. */
  | "unterminated"
  /** GET: another object is there from now on, and is sent whatever If-Match says. */
  | "ignored-match"
  /** GET: neither a length nor chunks: the body ends with the connection. */
  | "no-length";

export function isRefusal(fault: StoreFault): fault is keyof typeof REFUSALS {
  return Object.hasOwn(REFUSALS, fault);
}
