/** The environment of `serve` as a checked configuration. All that is wrong is reported at once. */
import { DEFAULT_EXPIRES_IN_SECONDS, MAX_EXPIRES_IN_SECONDS, parsePrefix, ProtocolError } from "@s3r/shared";
import { BUCKET_NAME_RULE, isBucketName, type Bucket } from "../sign/bucket.ts";
import type { PolicySource } from "./load-policy.ts";
import { isLoopback } from "./loopback.ts";

export interface ServerConfig {
  /** Absent where only this machine can reach the API: then whoever asks may do all. */
  readonly policySource: PolicySource | undefined;
  readonly bucket: Bucket;
  /** Seconds. */
  readonly expiresIn: number;
  readonly corsOrigins: readonly string[];
  readonly port: number;
  readonly host: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every complaint is one sentence that begins with the variable's name. */
export type ServerConfigResult =
  | { readonly ok: true; readonly config: ServerConfig; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly complaints: readonly string[] };

type Complain = (variable: string, mustBe: string) => void;

function wholeNumber(value: string, minimum: number, maximum: number): number | undefined {
  const number = Number(value);
  return /^\d{1,9}$/u.test(value) && number >= minimum && number <= maximum ? number : undefined;
}

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

function parsePort(value: string | undefined, complain: Complain): number {
  if (value === undefined) return 8787;
  const port = wholeNumber(value, 0, 65_535);
  if (port === undefined) complain("PORT", "must be a port from 0 (any free one) to 65535");
  return port ?? 0;
}

function parsePolicySource(env: Environment, complain: Complain): PolicySource | undefined {
  const { S3R_POLICY: text, S3R_POLICY_FILE: path } = env;
  if (text !== undefined && path !== undefined)
    complain("S3R_POLICY", "must not be set beside S3R_POLICY_FILE: keep one");
  if (text !== undefined) return { kind: "inline", text };
  return path === undefined ? undefined : { kind: "file", path };
}

/** Without a policy whoever asks may do all, which is nothing for a network. */
function parseHost(host: string, hasPolicy: boolean, complain: Complain): string {
  if (!hasPolicy && !isLoopback(host)) {
    complain(
      "S3R_POLICY_FILE",
      `must name the policy: without one the API listens on this machine only, not on \`${host}\` (HOST)`,
    );
  }
  return host;
}

/** An empty variable counts as absent, as in the AWS tools. */
function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
}

export function parseServerConfig(environment: Environment): ServerConfigResult {
  const env = withoutEmpty(environment);
  const complaints: string[] = [];
  const warnings: string[] = [];
  const complain: Complain = (variable, mustBe) => void complaints.push(`${variable} ${mustBe}`);

  const endpoint = parseEndpoint(env["S3R_S3_ENDPOINT"], complain);
  const policySource = parsePolicySource(env, complain);
  if (policySource === undefined)
    warnings.push("there is no policy (S3R_POLICY_FILE): whoever reaches this API may do all");
  const config: ServerConfig = {
    policySource,
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
    port: parsePort(env["PORT"], complain),
    host: parseHost(env["HOST"] ?? "127.0.0.1", policySource !== undefined, complain),
  };
  return complaints.length > 0 ? { ok: false, complaints } : { ok: true, config, warnings };
}
