/**
 * JWTs of configured issuers: whose token it is, and that it is genuine, meant for this API, and of now. What
 * its claims allow is the policy's business.
 */
import { jwtVerify, type JWTPayload, type JWTVerifyOptions } from "jose";
import type { Issuer } from "./auth-config.ts";
import { createIssuerKeys, type FindKey } from "./issuer-keys.ts";
import { toJwtRefusal, wrongAudience } from "./jwt-refusal.ts";
import type { Principal } from "./principal.ts";
import { invalidToken } from "./unauthenticated.ts";
import { readUnverifiedJwt, type UnverifiedJwt } from "./unverified-jwt.ts";
import { createVerifiedTokens } from "./verified-tokens.ts";

/** How far clocks may be apart. */
const CLOCK_SKEW_SECONDS = 60;

/**
 * Parameters by which a token would choose its own key, or extend the format (RFC 7515 4.1.2-4.1.6, 4.1.11). No
 * CI issuer sends them, and keys come from the configured place alone.
 */
const REFUSED_PARAMETERS = ["jku", "jwk", "x5u", "x5c", "crit"] as const;

export interface JwtVerifierOptions {
  readonly issuers: readonly Issuer[];
  readonly now: () => Date;
  /** For the issuers' keys. */
  readonly fetch: typeof fetch;
}

interface TrustedIssuer {
  readonly issuer: Issuer;
  readonly findKey: FindKey;
  readonly options: JWTVerifyOptions;
}

function trust(issuer: Issuer, { now, fetch }: JwtVerifierOptions): TrustedIssuer {
  return {
    issuer,
    findKey: createIssuerKeys({ issuer, now, fetch }),
    options: {
      algorithms: [...issuer.algorithms],
      issuer: issuer.issuer,
      audience: [...issuer.audiences],
      requiredClaims: ["iss", "aud", "exp", "iat"],
      clockTolerance: CLOCK_SKEW_SECONDS,
      maxTokenAge: issuer.maxTokenAge,
    },
  };
}

function refuseHeader(header: UnverifiedJwt["header"]): void {
  const refused = REFUSED_PARAMETERS.find((name) => Object.hasOwn(header, name));
  if (refused !== undefined) throw invalidToken(`the token's header must not have ${refused}`);
  if (Object.hasOwn(header, "kid") && typeof header["kid"] !== "string") {
    throw invalidToken("the token's key id (kid) must be a string");
  }
}

/** `jose` is content when one member of `aud` is ours: then whoever another member names could use the token here. */
function checkAudience({ aud }: JWTPayload, audiences: readonly string[]): void {
  const members: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!members.every((member) => audiences.some((audience) => audience === member))) throw wrongAudience();
}

/** When the token is no longer taken: as `jose` reckons, with its tolerance. */
function lapsesAt({ exp = 0, iat = 0 }: JWTPayload, maxTokenAge: number): Date {
  return new Date((Math.min(exp, iat + maxTokenAge) + CLOCK_SKEW_SECONDS) * 1000);
}

/** @returns when the token expires. */
function checkLifetime({ exp = Infinity, iat = 0 }: JWTPayload, maxTokenAge: number): Date {
  if (exp - iat > maxTokenAge + CLOCK_SKEW_SECONDS) {
    throw invalidToken("the token lives longer than this API takes: ask its issuer for one with a shorter life");
  }
  return new Date(exp * 1000);
}

/**
 * A function from a JWT to whose it is.
 * @throws ProtocolError Unauthenticated when the token is to blame, ServiceUnavailable when its issuer is.
 */
export function createJwtVerifier(options: JwtVerifierOptions): (token: string) => Promise<Principal> {
  const trusted = new Map(options.issuers.map((issuer) => [issuer.issuer, trust(issuer, options)]));

  function findIssuer({ iss }: UnverifiedJwt["payload"]): TrustedIssuer {
    const found = typeof iss === "string" ? trusted.get(iss) : undefined;
    if (found === undefined) throw invalidToken("the token's issuer (iss) is not one that this API knows");
    return found;
  }

  const known = createVerifiedTokens(options.now);

  async function verify(token: string): Promise<Principal> {
    const { header, payload } = readUnverifiedJwt(token);
    const { issuer, findKey, options: verifyOptions } = findIssuer(payload);
    refuseHeader(header);
    const verified = await jwtVerify(token, findKey, { ...verifyOptions, currentDate: options.now() }).catch(
      (error: unknown) => {
        throw toJwtRefusal(error);
      },
    );
    checkAudience(verified.payload, issuer.audiences);
    const expiresAt = checkLifetime(verified.payload, issuer.maxTokenAge);
    const principal: Principal = { name: issuer.name, kind: "issuer", claims: verified.payload, expiresAt };
    known.remember(token, principal, lapsesAt(verified.payload, issuer.maxTokenAge));
    return principal;
  }

  return async (token) => known.recall(token) ?? (await verify(token));
}
