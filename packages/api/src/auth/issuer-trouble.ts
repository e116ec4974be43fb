/** The 503 for an issuer whose keys cannot be had: the token may be good, and nobody can say so now. */
import { ProtocolError } from "@s3r/shared";

/** How long an issuer is left alone after it failed, so that a dead one is not hammered. */
export const FAILURE_COOLDOWN_SECONDS = 5;

/** @param what happened, for the operator alone. */
export function issuerTrouble(what: string, cause?: unknown): ProtocolError {
  return new ProtocolError("ServiceUnavailable", "the keys of the token's issuer cannot be had now: try again", {
    cause: new Error(what, cause === undefined ? undefined : { cause }),
    headers: { "retry-after": String(FAILURE_COOLDOWN_SECONDS) },
  });
}
