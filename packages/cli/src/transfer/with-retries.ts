import { CliError } from "../cli-error.ts";
import type { RetryBudget } from "./retry-budget.ts";
import { MAX_RETRY_AFTER_MILLISECONDS, retryDelay } from "./retry-policy.ts";

export interface RetryWorld {
  /** Attempts after the first. */
  readonly retries: number;
  readonly budget: RetryBudget;
  readonly random: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly trace: (line: string) => void;
}

/** What the server asked for was more than we wait: say so, or the error would look like any other. */
function explainWait(error: unknown): unknown {
  const after = error instanceof CliError ? error.retry?.afterMilliseconds : undefined;
  if (!(error instanceof CliError) || after === undefined || after <= MAX_RETRY_AFTER_MILLISECONDS) return error;
  const reason = `${error.reason ?? ""}; it asks to come back in ${Math.ceil(after / 1000)} s`;
  return new CliError(error.code, error.message, { reason, hint: "try again then", cause: error });
}

/**
 * Calls `attempt` with its number, from 1, until it succeeds, fails for good, or has been tried often enough.
 * @throws what the last attempt threw, or the reason of the signal.
 */
export async function withRetries<Result>(
  world: RetryWorld,
  attempt: (number: number) => Promise<Result>,
): Promise<Result> {
  const { retries, budget, random, sleep, signal, trace } = world;
  for (let number = 1; ; number += 1) {
    signal.throwIfAborted();
    try {
      const result = await attempt(number);
      budget.refund();
      return result;
    } catch (error) {
      signal.throwIfAborted();
      const delay = retryDelay(error, { attempt: number, retries }, random);
      if (delay === undefined || !budget.take()) throw explainWait(error);
      trace(
        `attempt ${number} failed (${error instanceof CliError ? (error.reason ?? error.message) : "unknown"}); again in ${delay} ms`,
      );
      await sleep(delay, signal);
    }
  }
}
