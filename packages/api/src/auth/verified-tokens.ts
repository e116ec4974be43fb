/**
 * Remembers for a minute that a JWT was genuine: a CI job sends thousands of requests with one token, and its
 * signature costs as much to verify as all the rest of a request. The whole token is the key, by its SHA-256,
 * and the principal was read from that very token: no two can be mixed up (as in GHSA-rp9m-7r4c-75qg, fast-jwt,
 * where they shared a key of the cache). Refusals are not remembered.
 */
import { hash } from "node:crypto";
import type { Principal } from "./principal.ts";

/** How long a key that its issuer has withdrawn goes on working, at most, beside the life of the key set. */
const REMEMBERED_MILLISECONDS = 60_000;

/** Whose token was seen longest ago is verified again. */
const MAX_TOKENS = 1000;

interface Verified {
  readonly principal: Principal;
  /** Milliseconds of the epoch. */
  readonly since: number;
  readonly until: number;
}

export interface VerifiedTokens {
  recall(token: string): Principal | undefined;
  /** @param until when its claims lapse: it is not remembered for longer. */
  remember(token: string, principal: Principal, until: Date): void;
}

export function createVerifiedTokens(now: () => Date): VerifiedTokens {
  const verified = new Map<string, Verified>();

  return {
    recall(token) {
      const found = verified.get(keyOf(token));
      const at = now().getTime();
      // Before `since` a clock has been set back, and nothing is known of what was valid then.
      return found !== undefined && at >= found.since && at < found.until ? found.principal : undefined;
    },
    remember(token, principal, until) {
      const since = now().getTime();
      const key = keyOf(token);
      verified.delete(key);
      verified.set(key, { principal, since, until: Math.min(since + REMEMBERED_MILLISECONDS, until.getTime()) });
      const [oldest] = verified.keys();
      if (verified.size > MAX_TOKENS && oldest !== undefined) verified.delete(oldest);
    },
  };
}

function keyOf(token: string): string {
  return hash("sha256", token, "base64");
}
