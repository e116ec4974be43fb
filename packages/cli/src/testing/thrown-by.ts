/** Errors as values, so that a test can look at all of one. */
import { CliError } from "../cli-error.ts";

/** What a function throws; nothing when it returns. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Whether a function returned, or failed in a way that `s3r` knows; for property tests. */
export function isForeseen(call: () => unknown): boolean {
  const error = thrownBy(call);
  return error === undefined || error instanceof CliError;
}

/** Everything that an error shows to people. */
export function textOf(error: unknown): string {
  return error instanceof CliError ? [error.message, error.reason, error.hint].join(" ") : String(error);
}
