/** Whom the API can recognise, as the policy file has said it and `policy/` has checked it. */

/** Several may have one name, so that a token can be rotated without a gap. */
export interface StaticToken {
  readonly name: string;
  /** Of the token's UTF-8 bytes: 64 lower-case hexadecimal digits. The token itself is nowhere configured. */
  readonly sha256: string;
  readonly expires?: Date;
}

/** An OpenID Connect issuer. No two have the same `issuer`. */
export interface Issuer {
  readonly name: string;
  /** As in the `iss` claim, character for character. */
  readonly issuer: string;
  /** Where its keys are; found by discovery when absent. https. */
  readonly jwksUri?: string;
  /** What `aud` may hold, at least one. */
  readonly audiences: readonly string[];
  /** Signature algorithms (RFC 7518 3.1), asymmetric ones only. */
  readonly algorithms: readonly string[];
  /** How long after `iat` a token is taken, and how much later its `exp` may be. Seconds. */
  readonly maxTokenAge: number;
}

/** Which authorizer of an API Gateway in front is believed; its claims come with the event, not over the wire. */
export interface GatewayTrust {
  readonly name: string;
  readonly authorizer: "jwt" | "lambda";
}

export interface AuthConfig {
  readonly tokens: readonly StaticToken[];
  readonly issuers: readonly Issuer[];
  readonly gateway?: GatewayTrust;
}
