/** How many requests each principal may have signed: a bucket of tokens that refills steadily, in this process alone. */
import { ProtocolError } from "@s3r/shared";
import type { Principal } from "./auth/principal.ts";
import type { RateLimit } from "./policy/policy.ts";

interface Bucket {
  readonly tokens: number;
  /** Milliseconds of the epoch. */
  readonly at: number;
}

/** Whoever was heard of longest ago is forgotten, and starts with a full bucket again. */
const MAX_PRINCIPALS = 10_000;

/** An issuer vouches for many; each of its subjects is one. */
function identityOf({ kind, name, claims }: Principal): string {
  return JSON.stringify([kind, name, claims["sub"]]);
}

/** @throws ProtocolError TooManyRequests with Retry-After, in seconds (RFC 6585 4). */
export type TakeRequest = (principal: Principal, now: Date) => void;

export function createRateLimiter(limit: RateLimit | undefined): TakeRequest {
  if (limit === undefined) return () => {};
  const { requestsPerSecond, burst } = limit;
  const buckets = new Map<string, Bucket>();

  function refilled(identity: string, at: number): number {
    const bucket = buckets.get(identity);
    if (bucket === undefined) return burst;
    return Math.min(burst, bucket.tokens + (Math.max(0, at - bucket.at) / 1000) * requestsPerSecond);
  }

  function keep(identity: string, bucket: Bucket): void {
    buckets.delete(identity);
    buckets.set(identity, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > MAX_PRINCIPALS && oldest !== undefined) buckets.delete(oldest);
  }

  return function take(principal, now) {
    const at = now.getTime();
    const identity = identityOf(principal);
    const tokens = refilled(identity, at);
    keep(identity, { tokens: tokens < 1 ? tokens : tokens - 1, at });
    if (tokens >= 1) return;
    const seconds = Math.max(1, Math.ceil((1 - tokens) / requestsPerSecond));
    throw new ProtocolError(
      "TooManyRequests",
      `\`${principal.name}\` may have ${requestsPerSecond} requests a second signed, ${burst} at once: slow down`,
      {
        headers: { "retry-after": String(seconds) },
      },
    );
  };
}
