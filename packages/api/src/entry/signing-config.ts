/** Whatever runs the API reads this from its environment: where it signs for, how, and who may have what. */
import { DEFAULT_EXPIRES_IN_SECONDS, MAX_EXPIRES_IN_SECONDS, parsePrefix, ProtocolError } from "@s3r/shared";
import { BUCKET_NAME_RULE, isBucketName, type Bucket } from "../sign/bucket.ts";
import type { PolicySource } from "./load-policy.ts";
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

function parseBucketName(value: string | undefined, complain: Complain): string {
  if (value !== undefined && isBucketName(value)) return value;
  complain("S3R_BUCKET", `must be the bucket's name: ${BUCKET_NAME_RULE}`);
  return "";
}

function parseRegion(env: Environment, complain: Complain): string {
  const region = env["S3R_REGION"] ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  if (region === undefined || !/^[a-z0-9-]{1,32}$/u.test(region)) {
    complain(
      "S3R_REGION",
      "must be the bucket's region, such as `eu-central-1` (AWS_REGION is taken where it is absent)",
    );
    return "";
  }
  return region;
}

function isPlainOrigin(value: string): boolean {
  const url = URL.parse(value);
  return (
    url !== null &&
    (url.protocol === "https:" || url.protocol === "http:") &&
    `${url.origin}/` === url.href &&
    !value.includes("?") &&
    !value.includes("#")
  );
}

function parseEndpoint(value: string | undefined, complain: Complain): string | undefined {
  if (value !== undefined && !isPlainOrigin(value)) {
    complain("S3R_S3_ENDPOINT", "must be the store's origin without a path, such as `https://s3.example.com`");
  }
  return value;
}

function parseForcePathStyle(value: string | undefined, whenAbsent: boolean, complain: Complain): boolean {
  if (value !== undefined && !["true", "false", "1", "0"].includes(value)) {
    complain("S3R_FORCE_PATH_STYLE", "must be `true` or `false`");
  }
  return value === undefined ? whenAbsent : value === "true" || value === "1";
}

function parseKeyPrefix(value: string, complain: Complain): string {
  try {
    // It ends in `/`, or `team-a` would also open `team-ab/`.
    if (value !== "" && !value.endsWith("/")) throw new ProtocolError("InvalidKey", "it must end in `/`");
    return parsePrefix(value);
  } catch (error) {
    complain(
      "S3R_KEY_PREFIX",
      `must be a prefix of keys such as \`builds/\`: ${error instanceof Error ? error.message : ""}`,
    );
    return "";
  }
}

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
  const endpoint = parseEndpoint(env["S3R_S3_ENDPOINT"], complain);
  return {
    policySource: parsePolicySource(env, complain),
    bucket: {
      name: parseBucketName(env["S3R_BUCKET"], complain),
      region: parseRegion(env, complain),
      ...(endpoint === undefined ? {} : { endpoint }),
      // Other stores rarely have a host name for each bucket.
      forcePathStyle: parseForcePathStyle(env["S3R_FORCE_PATH_STYLE"], endpoint !== undefined, complain),
      keyPrefix: parseKeyPrefix(env["S3R_KEY_PREFIX"] ?? "", complain),
    },
    expiresIn: parseExpiresIn(env["S3R_EXPIRES_IN"], complain),
    corsOrigins: parseCorsOrigins(env["S3R_CORS_ORIGINS"] ?? "", complain),
  };
}
