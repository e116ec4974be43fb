/** Three questions, asked in turn: may we try again, did the server say when, and how long otherwise. Pure. */
import { CliError, type RetryReason } from "../cli-error.ts";

export interface RetryState {
  /** The attempt that has just failed, from 1. */
  readonly attempt: number;
  /** Attempts that are allowed after the first. */
  readonly retries: number;
}

const MAX_RETRIES_BY_REASON: Readonly<Record<RetryReason, number>> = {
  transient: Number.POSITIVE_INFINITY,
  throttled: Number.POSITIVE_INFINITY,
  stale: Number.POSITIVE_INFINITY,
  corrupt: 2,
  skewed: 2,
};

const BASE_MILLISECONDS = 250;
const THROTTLED_BASE_MILLISECONDS = 1000;
const MAX_BACKOFF_MILLISECONDS = 20_000;

/** A server that asks for more is answered by giving up: a person or a scheduler waits better. */
export const MAX_RETRY_AFTER_MILLISECONDS = 60_000;

/** Unknown errors are bugs, and not tried again. */
function mayRetry(error: unknown, { attempt, retries }: RetryState): error is CliError & { readonly retry: object } {
  return (
    error instanceof CliError &&
    error.retry !== undefined &&
    attempt <= retries &&
    attempt <= MAX_RETRIES_BY_REASON[error.retry.reason]
  );
}

/** "Full jitter": anything up to the bound, so that clients that failed together do not come back together. */
function backoff(reason: RetryReason, attempt: number, random: () => number): number {
  if (reason === "stale") return 0;
  const base = reason === "throttled" ? THROTTLED_BASE_MILLISECONDS : BASE_MILLISECONDS;
  return Math.round(random() * Math.min(MAX_BACKOFF_MILLISECONDS, base * 2 ** (attempt - 1)));
}

/**
 * How long to wait before the next attempt, in milliseconds; nothing when there is to be none.
 * @param random from 0 to 1; not applied to a time that the server gave.
 */
export function retryDelay(error: unknown, state: RetryState, random: () => number): number | undefined {
  if (!mayRetry(error, state) || error.retry === undefined) return undefined;
  const { reason, afterMilliseconds } = error.retry;
  if (afterMilliseconds === undefined) return backoff(reason, state.attempt, random);
  return afterMilliseconds > MAX_RETRY_AFTER_MILLISECONDS ? undefined : afterMilliseconds;
}
