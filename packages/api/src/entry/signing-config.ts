/** Whatever runs the API reads this from its environment: where it signs for, how, and who may have what. */
import { DEFAULT_EXPIRES_IN_SECONDS, MAX_EXPIRES_IN_SECONDS } from "@s3r/shared";
import type { Bucket } from "../sign/bucket.ts";
import type { PolicySource } from "./load-policy.ts";
import { isPlainOrigin } from "./is-plain-origin.ts";
import { parseBucket } from "./signing-config-bucket.ts";
import { wholeNumber } from "./whole-number.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SigningConfig {
  readonly policySource: PolicySource | undefined;
  readonly bucket: Bucket;
  /** Seconds. */
  readonly expiresIn: number;
  readonly corsOrigins: readonly string[];
}

/** Told of every variable that is wrong, with the rest of a sentence that begins with its name. */
export type Complain = (variable: string, mustBe: string) => void;

function parseExpiresIn(value: string | undefined, complain: Complain): number {
  if (value === undefined) return DEFAULT_EXPIRES_IN_SECONDS;
  const seconds = wholeNumber(value, 1, MAX_EXPIRES_IN_SECONDS);
  if (seconds === undefined)
    complain("S3R_EXPIRES_IN", `must be a whole number of seconds from 1 to ${MAX_EXPIRES_IN_SECONDS}`);
  return seconds ?? DEFAULT_EXPIRES_IN_SECONDS;
}

function parseCorsOrigins(value: string, complain: Complain): readonly string[] {
  const origins = value
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "");
  if (!origins.every((origin) => origin === "*" || (isPlainOrigin(origin) && !origin.endsWith("/")))) {
    complain("S3R_CORS_ORIGINS", "must be origins separated by commas, such as `https://app.example.com`, or `*`");
  }
  return origins;
}

function parsePolicySource(env: Environment, complain: Complain): PolicySource | undefined {
  const { S3R_POLICY: text, S3R_POLICY_FILE: path } = env;
  if (text !== undefined && path !== undefined)
    complain("S3R_POLICY", "must not be set beside S3R_POLICY_FILE: keep one");
  if (text !== undefined) return { kind: "inline", text };
  return path === undefined ? undefined : { kind: "file", path };
}

/** An empty variable counts as absent, as in the AWS tools. */
export function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
}

/** @param env without empty variables. */
export function parseSigningConfig(env: Environment, complain: Complain): SigningConfig {
  return {
    policySource: parsePolicySource(env, complain),
    bucket: parseBucket(env, complain),
    expiresIn: parseExpiresIn(env["S3R_EXPIRES_IN"], complain),
    corsOrigins: parseCorsOrigins(env["S3R_CORS_ORIGINS"] ?? "", complain),
  };
}
