/** Who asks. What they may do is the policy's business. */
import type { AuthConfig } from "./auth-config.ts";
import { createJwtVerifier } from "./jwt.ts";
import { ANONYMOUS, type Claims, type Principal } from "./principal.ts";
import { readAuthorization } from "./read-authorization.ts";
import { createStaticTokens } from "./static-tokens.ts";

export interface AuthenticateOptions {
  readonly config: AuthConfig;
  readonly now: () => Date;
  /** For the issuers' keys. */
  readonly fetch: typeof fetch;
}

export interface Presented {
  /** The header's value, or null when there is none. */
  readonly authorization: string | null;
  /** What an authorizer in front has verified, from the event alone: see `gateway-claims.ts`. */
  readonly gatewayClaims?: Claims;
}

/**
 * @throws ProtocolError Unauthenticated, with a challenge, for credentials that are no good: they never make an
 *   anonymous of anyone. ServiceUnavailable when an issuer's keys cannot be had.
 */
export type Authenticate = (presented: Presented) => Promise<Principal>;

/** RFC 7519 3: three parts, none of which may be empty here, since a JWT without a signature is not one. */
const JWT = /^[^.]+\.[^.]+\.[^.]+$/u;

export function createAuthenticate({ config, now, fetch }: AuthenticateOptions): Authenticate {
  const recogniseToken = createStaticTokens(config.tokens, now);
  const verifyJwt = createJwtVerifier({ issuers: config.issuers, now, fetch });

  return async function authenticate({ authorization, gatewayClaims }) {
    if (config.gateway !== undefined && gatewayClaims !== undefined) {
      return { name: config.gateway.name, kind: "gateway", claims: gatewayClaims };
    }
    if (authorization === null) return ANONYMOUS;
    const token = readAuthorization(authorization);
    return JWT.test(token) ? await verifyJwt(token) : recogniseToken(token);
  };
}
