/** The environment of `serve` as a checked configuration. All that is wrong is reported at once. */
import { SERVER_LIMITS } from "../adapters/server-limits.ts";
import type { ProxyTrust } from "../adapters/client-address.ts";
import { isLoopback } from "./loopback.ts";
import { parseMetricsConfig, type MetricsConfig } from "./metrics-config.ts";
import {
  parseSigningConfig,
  withoutEmpty,
  type Complain,
  type Environment,
  type SigningConfig,
} from "./signing-config.ts";
import { parseTrustProxy } from "./trust-proxy-config.ts";
import { wholeNumber } from "./whole-number.ts";

export interface ServerConfig extends SigningConfig {
  /** Absent where only this machine can reach the API: then whoever asks may do all. */
  readonly policySource: SigningConfig["policySource"];
  readonly port: number;
  readonly host: string;
  /** Connections at a time. */
  readonly maxConnections: number;
  /** Seconds between the signal and the end of listening, for load balancers to notice that it is not ready. */
  readonly shutdownDelay: number;
  /** Absent where nobody stands in front: then nothing that is sent says who sent it. */
  readonly trustProxy: ProxyTrust | undefined;
  readonly metrics: MetricsConfig;
}

/** Every complaint is one sentence that begins with the variable's name. */
export type ServerConfigResult =
  | { readonly ok: true; readonly config: ServerConfig; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly complaints: readonly string[] };

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * `host:port` where a Lambda web function must listen; Lambda sets it, and no PORT.
 * https://docs.aws.amazon.com/lambda/latest/dg/web-functions-runtimes.html
 */
function parseHttpEndpoint(value: string, complain: Complain): Address {
  const { host = "", port: digits = "" } = /^\[?(?<host>[^\]]+?)\]?:(?<port>\d+)$/u.exec(value)?.groups ?? {};
  const port = wholeNumber(digits, 1, 65_535);
  if (port === undefined) complain("AWS_LAMBDA_HTTP_ENDPOINT", "must be a host and a port, such as `0.0.0.0:3000`");
  return { host, port: port ?? 0 };
}

function parseAddress(env: Environment, complain: Complain): Address {
  const { AWS_LAMBDA_HTTP_ENDPOINT: endpoint, HOST: host = "127.0.0.1", PORT: digits = "8787" } = env;
  if (endpoint !== undefined) return parseHttpEndpoint(endpoint, complain);
  const port = wholeNumber(digits, 0, 65_535);
  if (port === undefined) complain("PORT", "must be a port from 0 (any free one) to 65535");
  return { host, port: port ?? 0 };
}

/** Without a policy whoever asks may do all, which is nothing for a network. */
function requirePolicy(host: string, complain: Complain): void {
  if (isLoopback(host)) return;
  complain(
    "S3R_POLICY_FILE",
    `must name the policy: without one the API listens on this machine only, not on \`${host}\` (HOST)`,
  );
}

function parseMaxConnections(value: string, complain: Complain): number {
  const connections = wholeNumber(value, 1, 1_000_000);
  if (connections === undefined) complain("S3R_MAX_CONNECTIONS", "must be a number of connections from 1 to 1000000");
  return connections ?? SERVER_LIMITS.connections;
}

function parseShutdownDelay(value: string, complain: Complain): number {
  const seconds = wholeNumber(value, 0, 300);
  if (seconds === undefined) complain("S3R_SHUTDOWN_DELAY", "must be a whole number of seconds from 0 to 300");
  return seconds ?? 0;
}

export function parseServerConfig(environment: Environment): ServerConfigResult {
  const env = withoutEmpty(environment);
  const complaints: string[] = [];
  const warnings: string[] = [];
  const complain: Complain = (variable, mustBe) => void complaints.push(`${variable} ${mustBe}`);

  const signing = parseSigningConfig(env, complain);
  if (signing.policySource === undefined)
    warnings.push("there is no policy (S3R_POLICY_FILE): whoever reaches this API may do all");
  const address = parseAddress(env, complain);
  if (signing.policySource === undefined) requirePolicy(address.host, complain);
  const config: ServerConfig = {
    ...signing,
    ...address,
    maxConnections: parseMaxConnections(env["S3R_MAX_CONNECTIONS"] ?? String(SERVER_LIMITS.connections), complain),
    shutdownDelay: parseShutdownDelay(env["S3R_SHUTDOWN_DELAY"] ?? "0", complain),
    trustProxy: parseTrustProxy(env["S3R_TRUST_PROXY"], complain),
    metrics: parseMetricsConfig(env, complain),
  };
  return complaints.length > 0 ? { ok: false, complaints } : { ok: true, config, warnings };
}
