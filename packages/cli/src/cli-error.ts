/** Every way in which `s3r` fails: a code, its exit status, and the three lines that say what, why and what to try. */

/** The exit codes are part of the interface: scripts branch on them. */
export const EXIT_CODES = {
  TransferFailed: 1,
  Usage: 2,
  NotFound: 3,
  Unauthenticated: 4,
  Forbidden: 5,
  PreconditionFailed: 6,
  Unavailable: 7,
  IntegrityMismatch: 8,
  NothingMatched: 9,
  LocalIo: 10,
  UnsafeServer: 11,
  Interrupted: 130,
  Terminated: 143,
} as const;

export type CliErrorCode = keyof typeof EXIT_CODES;

/**
 * Why another attempt may help. Only errors that carry one are tried again: what nobody foresaw is not.
 * - `transient`: the network or the server; `throttled`: the server asks for patience.
 * - `stale`: the presigned URL; a new one is asked for at once.
 * - `corrupt`, `skewed`: damage on the way, or clocks; worth two more attempts, not five.
 */
export type RetryReason = "transient" | "throttled" | "stale" | "corrupt" | "skewed";

export interface RetryAdvice {
  readonly reason: RetryReason;
  /** What the server asked for (RFC 9110 10.2.3), in milliseconds. */
  readonly afterMilliseconds?: number;
}

export interface CliErrorDetails {
  /** Why it went wrong, as far as is known. */
  readonly reason?: string;
  /** What to try. */
  readonly hint?: string;
  readonly retry?: RetryAdvice;
  readonly cause?: unknown;
}

export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;
  readonly reason: string | undefined;
  readonly hint: string | undefined;
  readonly retry: RetryAdvice | undefined;

  constructor(code: CliErrorCode, message: string, details: CliErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = details.reason;
    this.hint = details.hint;
    this.retry = details.retry;
  }

  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a part of the path is no directory",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
};

const SYSTEM_HINTS: Readonly<Record<string, string>> = {
  EMFILE: "put fewer files at once, or raise `ulimit -n`",
  ENAMETOOLONG: "name the destination",
  ENOSPC: "make room, or choose another device",
};

/** The `code` of an error of Node's, or `""`. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** An error of the local file system, as one of `s3r`. */
export function toLocalError(error: unknown, what: string): CliError {
  if (error instanceof CliError) return error;
  const code = systemCode(error);
  if (code === "ENOENT") {
    return new CliError("NotFound", what, {
      reason: "no such file or directory",
      hint: "check the path",
      cause: error,
    });
  }
  return new CliError("LocalIo", what, {
    reason: SYSTEM_REASONS[code] ?? (code || "the file system failed"),
    hint: SYSTEM_HINTS[code] ?? "check the path and its permissions",
    cause: error,
  });
}
