/** The key that a token of one issuer was signed with, or why there is none. */
import { createLocalJWKSet, errors, type CryptoKey, type JWSHeaderParameters, type LocalJWKSet } from "jose";
import type { Issuer } from "./auth-config.ts";
import { fetchKeySet } from "./fetch-key-set.ts";
import { issuerTrouble } from "./issuer-trouble.ts";
import { createKeyCache } from "./key-cache.ts";

/** Over discovery and keys together. API Gateway's own authorizer waits 1.5 s for each. */
const TIME_LIMIT_MILLISECONDS = 3000;

export interface IssuerKeysOptions {
  readonly issuer: Pick<Issuer, "issuer" | "jwksUri">;
  readonly now: () => Date;
  readonly fetch: typeof fetch;
  /** Milliseconds that the issuer has to answer. */
  readonly timeLimit?: number;
}

/**
 * @throws JOSEError when no key is the token's, which is the token's fault; ProtocolError ServiceUnavailable when
 *   the issuer's keys cannot be had.
 */
export type FindKey = (header: JWSHeaderParameters) => Promise<CryptoKey>;

async function findIn(keys: LocalJWKSet, header: JWSHeaderParameters): Promise<CryptoKey | undefined> {
  try {
    return await keys(header);
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return undefined;
    if (error instanceof errors.JWKSMultipleMatchingKeys || error instanceof errors.JOSENotSupported) throw error;
    throw issuerTrouble("a key of the issuer cannot be imported", error);
  }
}

export function createIssuerKeys({
  issuer,
  now,
  fetch,
  timeLimit = TIME_LIMIT_MILLISECONDS,
}: IssuerKeysOptions): FindKey {
  const cache = createKeyCache(
    async () => createLocalJWKSet(await fetchKeySet(issuer, { fetch, signal: AbortSignal.timeout(timeLimit) })),
    now,
  );

  return async function findKey(header) {
    const key = await findIn(await cache.current(), header);
    if (key !== undefined) return key;
    const newer = await cache.newer();
    const found = newer === undefined ? undefined : await findIn(newer, header);
    if (found === undefined) throw new errors.JWKSNoMatchingKey();
    return found;
  };
}
