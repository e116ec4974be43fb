import type { SignedRequest } from "../api/resolve.ts";

/** A request that was signed before it is needed. */
export interface SignedAhead {
  readonly signed: SignedRequest;
  /** Milliseconds of the epoch, by the clock of this machine. */
  readonly at: number;
}

/** Of a URL's life. What begins within it is done before S3 could refuse it: only the start counts. */
const USABLE = 0.8;
/** For an API that does not say how long its URLs live. */
const UNKNOWN_LIFE_SECONDS = 60;

/** Milliseconds of the epoch until which it may be used. */
export function usableUntil({ signed, at }: SignedAhead): number {
  return at + (signed.expiresIn ?? UNKNOWN_LIFE_SECONDS) * 1000 * USABLE;
}
