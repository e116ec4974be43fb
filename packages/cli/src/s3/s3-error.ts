/** What the store said when it refused, as an error of `s3r`: which exit code, and whether another attempt may help. */
import { CliError, type CliErrorCode, type RetryAdvice } from "../cli-error.ts";
import { parseRetryAfter } from "../retry-after.ts";
import { unescapeXml } from "./unescape-xml.ts";

export interface S3Refusal {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** S3's XML, or whatever came; empty after HEAD. */
  readonly body: string;
}

interface Meaning {
  readonly code: CliErrorCode;
  readonly retry?: RetryAdvice["reason"];
  readonly hint?: string;
}

const CLOCK_HINT = "the clock of the API's server is off: tell its operator";
const CONFIGURATION_HINT = "the API signs for something that its store does not take: tell its operator";

/** By S3's code, where that says more than the status. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const BY_CODE: Readonly<Record<string, Meaning>> = {
  AuthorizationHeaderMalformed: { code: "UnsafeServer", hint: CONFIGURATION_HINT },
  AuthorizationQueryParametersError: { code: "UnsafeServer", hint: CONFIGURATION_HINT },
  BadDigest: {
    code: "IntegrityMismatch",
    retry: "corrupt",
    hint: "the bytes changed on the way or while they were read: try again",
  },
  ConditionalRequestConflict: { code: "PreconditionFailed", retry: "transient" },
  EntityTooLarge: { code: "Usage" },
  ExpiredToken: { code: "Unavailable", retry: "stale", hint: "the API's credentials have run out: tell its operator" },
  IncompleteBody: { code: "Unavailable", retry: "transient" },
  InternalError: { code: "Unavailable", retry: "transient" },
  InvalidAccessKeyId: { code: "UnsafeServer", hint: CONFIGURATION_HINT },
  NoSuchBucket: { code: "UnsafeServer", hint: CONFIGURATION_HINT },
  PermanentRedirect: { code: "UnsafeServer", hint: CONFIGURATION_HINT },
  RequestTimeTooSkewed: { code: "UnsafeServer", retry: "skewed", hint: CLOCK_HINT },
  RequestTimeout: { code: "Unavailable", retry: "transient" },
  ServiceUnavailable: { code: "Unavailable", retry: "throttled" },
  SignatureDoesNotMatch: { code: "UnsafeServer", hint: CONFIGURATION_HINT },
  SlowDown: { code: "Unavailable", retry: "throttled" },
  TemporaryRedirect: { code: "UnsafeServer", hint: CONFIGURATION_HINT },
  XAmzContentSHA256Mismatch: { code: "IntegrityMismatch", retry: "corrupt" },
};

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  401: { code: "Forbidden" },
  403: { code: "Forbidden", hint: "ask the API's operator what its store allows" },
  404: { code: "NotFound", hint: "look for the key with `s3r ls`" },
  408: { code: "Unavailable", retry: "transient" },
  409: { code: "PreconditionFailed" },
  412: { code: "PreconditionFailed" },
  429: { code: "Unavailable", retry: "throttled" },
  501: { code: "TransferFailed" },
  503: { code: "Unavailable", retry: "throttled" },
};

/** The text of an element of S3's error document. Only two are read, and nothing is believed of the rest. */
function elementText(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]{0,500})</${name}>`, "u").exec(xml)?.[1] ?? "";
  return unescapeXml(text).replaceAll(/\p{Cc}/gu, " ");
}

/** S3 has no code of its own for an expired URL (aws/aws-sdk-java#1699). */
function isExpiredUrl(code: string, message: string): boolean {
  return code === "AccessDenied" && /expired/iu.test(message);
}

function meaningOf(status: number, code: string, message: string): Meaning {
  if (isExpiredUrl(code, message)) return { code: "Unavailable", retry: "stale", hint: CLOCK_HINT };
  const known = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : BY_STATUS[status];
  if (known !== undefined) return known;
  if (status >= 500) return { code: "Unavailable", retry: "transient" };
  return { code: status >= 300 && status < 400 ? "UnsafeServer" : "TransferFailed" };
}

function withoutQuery(text: string): string {
  return text.replaceAll(/\?[^\s<"]*X-Amz-[^\s<"]*/giu, "?…");
}

/** @param what the operation and key, for the first line. @param now for a Retry-After that is a date. */
export function toS3Error({ status, headers, body }: S3Refusal, what: string, now: Date): CliError {
  const [code, message] = [elementText(body, "Code"), elementText(body, "Message")];
  const meaning = meaningOf(status, code, message);
  const after = parseRetryAfter(headers["retry-after"], now);
  const reason =
    withoutQuery([code, message].filter((text) => text !== "").join(": ")) ||
    `it answered ${status} and did not say why`;
  return new CliError(meaning.code, `the store refused ${what} (${status})`, {
    reason,
    ...(meaning.hint === undefined ? {} : { hint: meaning.hint }),
    ...(meaning.retry === undefined
      ? {}
      : {
          retry: after === undefined ? { reason: meaning.retry } : { reason: meaning.retry, afterMilliseconds: after },
        }),
  });
}
