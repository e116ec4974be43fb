import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CliError } from "../cli-error.ts";
import { toS3Error } from "./s3-error.ts";

const NOW = new Date("2026-11-23T08:00:00Z");

function refusal(status: number, code: string, message = "m", headers: Record<string, string> = {}): CliError {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return toS3Error({ status, headers, body }, "PUT k", NOW);
}

describe("what S3 said", () => {
  it.each([
    [403, "AccessDenied", "Access Denied", "Forbidden", undefined],
    [403, "AccessDenied", "Request has expired", "Unavailable", "stale"],
    [400, "ExpiredToken", "m", "Unavailable", "stale"],
    [403, "SignatureDoesNotMatch", "m", "UnsafeServer", undefined],
    [403, "RequestTimeTooSkewed", "m", "UnsafeServer", "skewed"],
    [404, "NoSuchKey", "m", "NotFound", undefined],
    [404, "NoSuchBucket", "m", "UnsafeServer", undefined],
    [400, "BadDigest", "m", "IntegrityMismatch", "corrupt"],
    [400, "RequestTimeout", "m", "Unavailable", "transient"],
    [400, "InvalidArgument", "m", "TransferFailed", undefined],
    [409, "ConditionalRequestConflict", "m", "PreconditionFailed", "transient"],
    [412, "PreconditionFailed", "m", "PreconditionFailed", undefined],
    [301, "PermanentRedirect", "m", "UnsafeServer", undefined],
    [500, "InternalError", "m", "Unavailable", "transient"],
    [503, "SlowDown", "m", "Unavailable", "throttled"],
    [599, "Unheard", "m", "Unavailable", "transient"],
  ])("%i %s (%s) is %s, to be retried as %s", (status, code, message, expected, retry) => {
    const error = refusal(status, code, message);
    expect([error.code, error.retry?.reason]).toEqual([expected, retry]);
  });

  it("is shown unescaped, without control characters and without a signed query", () => {
    const error = refusal(
      403,
      "AccessDenied",
      "a &lt;b&gt; &amp;lt; \u001b[31m https://h/k?X-Amz-Signature=5ecret end",
    );
    expect(error.reason).toBe("AccessDenied: a <b> &lt;  [31m https://h/k?… end");
  });

  it("comes with the time that it names, in seconds or as a date", () => {
    expect(refusal(503, "SlowDown", "m", { "retry-after": "7" }).retry?.afterMilliseconds).toBe(7000);
    const date = "Mon, 23 Nov 2026 08:00:30 GMT";
    expect(refusal(503, "SlowDown", "m", { "retry-after": date }).retry?.afterMilliseconds).toBe(30_000);
    expect(refusal(503, "SlowDown", "m", { "retry-after": "soon" }).retry?.afterMilliseconds).toBeUndefined();
  });

  it("is an error of ours, whatever it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.string(), fc.string(), (status, body, retryAfter) => {
        const error = toS3Error({ status, headers: { "retry-after": retryAfter }, body }, "GET k", NOW);
        expect(error).toBeInstanceOf(CliError);
        expect(error.reason).not.toBe("");
      }),
    );
  });
});
