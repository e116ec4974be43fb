/** What `jose` found wrong with a token, in words for whoever sent it. They never quote the token. */
import { errors } from "jose";
import type { ProtocolError } from "@s3r/shared";
import { invalidToken } from "./unauthenticated.ts";

const AUDIENCE = "the token's audience is not this API's: ask its issuer for a token with the audience of this API";

/** By the claim that is wrong. */
const WRONG_CLAIMS: Readonly<Record<string, string>> = {
  aud: AUDIENCE,
  exp: "the token's expiry (exp) must be a number",
  iat: "the token's time of issue (iat) is in the future, or not a number: check the clock of its issuer",
  nbf: "the token is not valid yet (nbf), or its nbf is not a number: check the clock of its issuer",
};

/** By `code`. What is missing here is no fault of a token. */
const WRONG_TOKENS: Readonly<Record<string, string>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: "the token's algorithm (alg) is not one that its issuer may use here",
  ERR_JOSE_NOT_SUPPORTED: "the token's algorithm (alg) is not one that its issuer may use here",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "the token names no key (kid), and its issuer has several",
  ERR_JWKS_NO_MATCHING_KEY: "its issuer publishes no key that fits the token's kid and alg",
  ERR_JWS_INVALID: "the token is not a well-formed JWT",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "the token's signature is not its issuer's",
  ERR_JWT_INVALID: "the token is not a well-formed JWT",
};

export function wrongAudience(): ProtocolError {
  return invalidToken(AUDIENCE);
}

function reasonOf(error: errors.JOSEError): string | undefined {
  if (error instanceof errors.JWTExpired) {
    return error.claim === "exp"
      ? "the token has expired: get a new one"
      : "the token was issued (iat) too long ago for this API: get a new one";
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.reason === "missing"
      ? "the token lacks a claim that it must have: iss, aud, exp and iat"
      : WRONG_CLAIMS[error.claim];
  }
  return WRONG_TOKENS[error.code];
}

/** @returns the 401 where the token is to blame, or the error itself, for example when the issuer's keys cannot be had. */
export function toJwtRefusal(error: unknown): unknown {
  const reason = error instanceof errors.JOSEError ? reasonOf(error) : undefined;
  return reason === undefined ? error : invalidToken(reason);
}
