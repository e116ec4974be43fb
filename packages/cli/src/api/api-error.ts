/** What the API said when it did not redirect, as an error of `s3r`. */
import { isProblem } from "@s3r/shared";
import { CliError, type CliErrorCode, type RetryAdvice } from "../cli-error.ts";
import { parseRetryAfter } from "../retry-after.ts";

export interface ApiAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Cut off where it is too long, and without the credentials that were sent. */
  readonly body: string;
}

const CODES: Readonly<Record<number, CliErrorCode>> = {
  400: "Usage",
  401: "Unauthenticated",
  403: "Forbidden",
  404: "NotFound",
  405: "UnsafeServer",
  411: "Usage",
  412: "PreconditionFailed",
  413: "Usage",
  414: "Usage",
  415: "Usage",
  428: "PreconditionFailed",
  429: "Unavailable",
  501: "Usage",
};

const HINTS: Partial<Record<CliErrorCode, string>> = {
  Unauthenticated: "this API wants to know who you are: ask its operator for a token",
  Forbidden: "s3r auth status shows what you may do; the API's operator can change it",
  Unavailable: "try again later",
  UnsafeServer: "check the endpoint: this does not look like an s3r API",
};

const EXCERPT_LENGTH = 200;

/** The first words of an unexpected answer, without what could be a secret or steer a terminal. */
function excerpt(body: string): string {
  return body
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .replaceAll(/\b(?:X-Amz-[\w-]+|token|password|authorization)=?[^\s"&<]*/giu, "…")
    .trim()
    .slice(0, EXCERPT_LENGTH);
}

function parseProblem(body: string): { detail: string; requestId: string } | undefined {
  try {
    const problem: unknown = JSON.parse(body);
    return isProblem(problem) ? { detail: problem.detail, requestId: problem.requestId } : undefined;
  } catch {
    return undefined;
  }
}

function adviceFor(status: number, retryAfter: number | undefined): RetryAdvice | undefined {
  if (status !== 429 && status < 500) return undefined;
  if (status === 501) return undefined;
  const reason = status === 429 || status === 503 ? "throttled" : "transient";
  return retryAfter === undefined ? { reason } : { reason, afterMilliseconds: retryAfter };
}

/** @param now for a Retry-After that is a date. */
export function toApiError({ status, headers, body }: ApiAnswer, what: string, now: Date): CliError {
  const problem = parseProblem(body);
  const code = CODES[status] ?? (status >= 500 ? "Unavailable" : "UnsafeServer");
  const retry = adviceFor(status, parseRetryAfter(headers["retry-after"], now));
  const said = problem === undefined ? excerpt(body) : `${problem.detail} (request ${problem.requestId})`;
  const hint = HINTS[code];
  return new CliError(code, `the API refused ${what} (${status})`, {
    reason: said === "" ? "it did not say why" : said,
    ...(hint === undefined ? {} : { hint }),
    ...(retry === undefined ? {} : { retry }),
  });
}
