/** For tests: the two ways in which authentication says no. */
import { ProtocolError } from "@s3r/shared";
import { expect } from "vitest";

/** RFC 6750 3: what `error_description` may hold, and nothing that would end the quoted string. */
const CHALLENGE =
  /^Basic realm="s3r", charset="UTF-8", Bearer realm="s3r"(?:, error="invalid_token", error_description="([\x20\x21\x23-\x5b\x5d-\x7e]+)")?$/u;

async function refusalOf(attempt: () => unknown): Promise<ProtocolError> {
  const error: unknown = await Promise.resolve()
    .then(attempt)
    .then(
      (value) => new Error(`accepted: ${JSON.stringify(value)}`),
      (reason: unknown) => reason,
    );
  if (error instanceof ProtocolError) return error;
  throw error;
}

/** Refused with 401, both challenges and that reason. */
export async function expectUnauthenticated(attempt: () => unknown, reason = /./u): Promise<void> {
  const error = await refusalOf(attempt);
  expect(error.code).toBe("Unauthenticated");
  expect(error.message).toMatch(reason);
  const described = CHALLENGE.exec(error.headers["www-authenticate"] ?? "");
  expect(described).not.toBeNull();
  expect([undefined, error.message]).toContain(described?.[1]);
}

/** Answered with 503 and when to try again; the operator is told what happened. */
export async function expectUnavailable(attempt: () => unknown, cause = /./u): Promise<void> {
  const error = await refusalOf(attempt);
  expect(error.code).toBe("ServiceUnavailable");
  expect(error.headers["retry-after"]).toMatch(/^\d+$/u);
  expect(String(error.cause)).toMatch(cause);
}
