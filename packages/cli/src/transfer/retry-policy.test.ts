import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CliError, type RetryAdvice, type RetryReason } from "../cli-error.ts";
import { retryDelay } from "./retry-policy.ts";

function failure(reason: RetryReason, afterMilliseconds?: number): CliError {
  const retry: RetryAdvice = afterMilliseconds === undefined ? { reason } : { reason, afterMilliseconds };
  return new CliError("Unavailable", "it failed", { retry });
}

/** The longest wait: full jitter goes up to it. */
function most(error: unknown, attempt: number, retries = 100): number | undefined {
  return retryDelay(error, { attempt, retries }, () => 1);
}

describe("whether there is another attempt", () => {
  it("depends on the error saying so: what is unknown is a bug, and not tried again", () => {
    for (const error of [new Error("bug"), "text", undefined, new CliError("Forbidden", "no")]) {
      expect(most(error, 1)).toBeUndefined();
    }
  });

  it("ends with the retries", () => {
    expect(most(failure("transient"), 5, 5)).toBeDefined();
    expect(most(failure("transient"), 6, 5)).toBeUndefined();
    expect(most(failure("transient"), 1, 0)).toBeUndefined();
  });

  it.each(["corrupt", "skewed"] as const)("ends after two for what is %s", (reason) => {
    expect(most(failure(reason), 2)).toBeDefined();
    expect(most(failure(reason), 3)).toBeUndefined();
  });
});

describe("how long to wait", () => {
  it("doubles from 250 ms to 20 s, and from 1 s when the server is throttling", () => {
    const attempts = [1, 2, 3, 7, 8, 60];
    expect(attempts.map((attempt) => most(failure("transient"), attempt))).toEqual([
      250, 500, 1000, 16_000, 20_000, 20_000,
    ]);
    expect(attempts.map((attempt) => most(failure("throttled"), attempt))).toEqual([
      1000, 2000, 4000, 20_000, 20_000, 20_000,
    ]);
  });

  it("is nothing for a URL that has run out: the next one is new", () => {
    expect(most(failure("stale"), 4)).toBe(0);
  });

  it("is what the server says, to the millisecond, up to a minute", () => {
    expect(most(failure("throttled", 1234), 1)).toBe(1234);
    expect(retryDelay(failure("transient", 60_000), { attempt: 1, retries: 1 }, () => 0)).toBe(60_000);
    expect(most(failure("throttled", 60_001), 1)).toBeUndefined();
  });

  it("is anything from 0 to the bound, and a whole number", () => {
    const reason = fc.constantFrom<RetryReason>("transient", "throttled", "stale");
    fc.assert(
      fc.property(
        reason,
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (why, attempt, random) => {
          const delay = retryDelay(failure(why), { attempt, retries: 2000 }, () => random);
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(20_000);
        },
      ),
    );
  });
});
