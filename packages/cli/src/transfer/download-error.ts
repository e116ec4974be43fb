/** What goes wrong with the bytes of a download, and what it is worth to try. */
import { CliError } from "../cli-error.ts";

/** The object has to be got again from its first byte: what has come of it is worth nothing. */
export class StartOver extends Error {
  override readonly name = "StartOver";
  /** Thrown when it has been got often enough. */
  readonly failure: CliError;
  readonly mayRange: boolean;

  constructor(failure: CliError, mayRange = true) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.mayRange = mayRange;
  }
}

export function mismatch(key: string, reason: string): CliError {
  return new CliError("IntegrityMismatch", `${key} did not arrive as it is stored`, {
    reason,
    hint: "try again; if it stays, the object or the way to it is damaged",
    retry: { reason: "corrupt" },
  });
}

export function otherRange(key: string): CliError {
  return mismatch(key, "the store answered with another range than was asked for");
}

export function replacedObject(key: string): CliError {
  return new CliError("TransferFailed", `${key} changed while it was being read`, {
    reason: "the store has another object there now",
    hint: "try again when nothing writes to it",
    retry: { reason: "corrupt" },
  });
}

export function cutOff(key: string): CliError {
  return new CliError("Unavailable", `${key} ended too early`, {
    reason: "the connection was closed in the middle",
    hint: "check the network, and try again",
    retry: { reason: "transient" },
  });
}

export function noRanges(key: string): CliError {
  return new CliError("UnsafeServer", `the store does not answer ranges of ${key}`, {
    reason: "it sent all of the object, or another range",
    hint: "get all of it",
  });
}

export function cannotTakeBack(target: string): CliError {
  return new CliError("TransferFailed", `${target} has taken bytes that cannot be taken back`, {
    reason: "the download has to begin anew",
    hint: "read it again, or into a file",
  });
}
