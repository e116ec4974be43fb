/** A policy as it is decided on: checked, compiled, and free of anything that could still be wrong. */
import type { Action } from "@s3r/shared";
import type { AuthConfig } from "../auth/auth-config.ts";
import type { KeyPattern } from "./key-pattern.ts";
import type { TextPattern } from "./text-pattern.ts";

export interface Limits {
  /** Of one object. */
  readonly maxBytes?: number;
  /** `false`: only new objects may be written. */
  readonly overwrite?: false;
  readonly requireChecksum?: true;
  /** Media types, lower-case, without parameters; `image/*` is any subtype. */
  readonly contentTypes?: readonly string[];
  /** Seconds that a presigned URL lives at most. */
  readonly expiresIn?: number;
}

/** A claim, and the values of which it must have one. */
export interface ClaimCondition {
  readonly name: string;
  readonly values: readonly TextPattern[];
}

export interface Statement {
  readonly id: string;
  readonly effect: "allow" | "deny";
  /** Names of principals; `*` is everyone, also who is anonymous. */
  readonly principals: ReadonlySet<string>;
  /** All must be met. */
  readonly claims: readonly ClaimCondition[];
  readonly actions: ReadonlySet<Action>;
  readonly keys: readonly KeyPattern[];
  readonly limits: Limits;
}

/** How many requests a principal may have signed. */
export interface RateLimit {
  readonly requestsPerSecond: number;
  /** How many may come at once. */
  readonly burst: number;
}

export interface Policy {
  readonly auth: AuthConfig;
  /** Of this API, as clients are told: what to ask a token for. */
  readonly audience?: string;
  readonly rateLimit?: RateLimit;
  readonly statements: readonly Statement[];
}

export const EVERYONE = "*";
