/** The answer of `GET /.s3r/whoami`: who the API takes the caller for, and what its policy says about them. */
import type { Action } from "./operation.ts";

export interface WhoAmIStatement {
  /** The statement's id in the policy. */
  readonly id: string;
  readonly effect: "allow" | "deny";
  readonly actions: readonly Action[];
  /** Key patterns, with the caller's claims filled in. */
  readonly keys: readonly string[];
  /** As the policy has them: `maxBytes`, `overwrite`, `requireChecksum`, `contentTypes`, `expiresIn`. */
  readonly limits: Readonly<Record<string, unknown>>;
}

export interface WhoAmI {
  readonly principal: {
    readonly name: string;
    readonly kind: "anonymous" | "token" | "issuer" | "gateway";
    /** Those that are strings, numbers or booleans, as text. */
    readonly claims: Readonly<Record<string, string>>;
    /** ISO 8601; absent where the credentials do not expire. */
    readonly expiresAt?: string;
  };
  /** Those that apply to this principal, in the order of the policy. */
  readonly statements: readonly WhoAmIStatement[];
}
