/** Who asks: what authentication hands to the policy. Holds no token. */

/** A claim as the issuer wrote it. Only strings, numbers and booleans can ever match a policy. */
export type Claims = Readonly<Record<string, unknown>>;

export interface Principal {
  /** What the policy calls it: the name of a token, of an issuer or of the gateway; `anonymous`. */
  readonly name: string;
  readonly kind: "anonymous" | "token" | "issuer" | "gateway";
  /** Empty for anonymous and for tokens. */
  readonly claims: Claims;
  /** When the credentials that proved it run out; absent where they do not. */
  readonly expiresAt?: Date;
}

export const ANONYMOUS_NAME = "anonymous";

export const ANONYMOUS: Principal = { name: ANONYMOUS_NAME, kind: "anonymous", claims: {} };
