import { describe, expect, it } from "vitest";
import { CliError } from "../cli-error.ts";
import { createRetryBudget } from "./retry-budget.ts";
import { withRetries, type RetryWorld } from "./with-retries.ts";

function world(extra: Partial<RetryWorld> = {}): RetryWorld {
  return {
    retries: 3,
    budget: createRetryBudget(),
    random: () => 0,
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
    trace: () => {},
    ...extra,
  };
}

function transient(): CliError {
  return new CliError("Unavailable", "it failed", { retry: { reason: "transient" } });
}

describe("withRetries", () => {
  it("numbers the attempts and gives what one of them returns", async () => {
    const numbers: number[] = [];
    const result = await withRetries(world(), (number) => {
      numbers.push(number);
      return number < 3 ? Promise.reject(transient()) : Promise.resolve("done");
    });
    expect([result, numbers]).toEqual(["done", [1, 2, 3]]);
  });

  it("throws an unknown error at once", async () => {
    const bug = new TypeError("bug");
    let attempts = 0;
    const attempt = (): Promise<never> => {
      attempts += 1;
      return Promise.reject(bug);
    };
    await expect(withRetries(world(), attempt)).rejects.toBe(bug);
    expect(attempts).toBe(1);
  });

  it("says so when the server asks for more patience than it has", async () => {
    const throttled = new CliError("Unavailable", "slow down", {
      reason: "SlowDown",
      retry: { reason: "throttled", afterMilliseconds: 3_600_000 },
    });
    await expect(withRetries(world(), () => Promise.reject(throttled))).rejects.toMatchObject({
      code: "Unavailable",
      reason: "SlowDown; it asks to come back in 3600 s",
    });
  });

  it("throws the signal's reason, and tries nothing more, once interrupted", async () => {
    const interruption = new AbortController();
    const interrupted = new CliError("Interrupted", "interrupted");
    const sleep = (): Promise<void> => {
      interruption.abort(interrupted);
      return Promise.resolve();
    };
    const running = withRetries(world({ signal: interruption.signal, sleep }), () => Promise.reject(transient()));
    await expect(running).rejects.toBe(interrupted);
  });

  it("shares a budget: a hundred retries without a success, and no more", async () => {
    const budget = createRetryBudget();
    let attempts = 0;
    const attempt = (): Promise<never> => {
      attempts += 1;
      return Promise.reject(transient());
    };
    for (let transfer = 0; transfer < 30; transfer += 1) {
      await withRetries(world({ budget, retries: 5 }), attempt).catch(() => {});
    }
    expect(attempts).toBe(30 + 100);
  });
});
