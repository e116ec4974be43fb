/** The environment of `serve` as a checked configuration. All that is wrong is reported at once. */
import { isLoopback } from "./loopback.ts";
import {
  parseSigningConfig,
  withoutEmpty,
  type Complain,
  type Environment,
  type SigningConfig,
} from "./signing-config.ts";
import { wholeNumber } from "./whole-number.ts";

export interface ServerConfig extends SigningConfig {
  /** Absent where only this machine can reach the API: then whoever asks may do all. */
  readonly policySource: SigningConfig["policySource"];
  readonly port: number;
  readonly host: string;
}

/** Every complaint is one sentence that begins with the variable's name. */
export type ServerConfigResult =
  | { readonly ok: true; readonly config: ServerConfig; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly complaints: readonly string[] };

function parsePort(value: string | undefined, complain: Complain): number {
  if (value === undefined) return 8787;
  const port = wholeNumber(value, 0, 65_535);
  if (port === undefined) complain("PORT", "must be a port from 0 (any free one) to 65535");
  return port ?? 0;
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

export function parseServerConfig(environment: Environment): ServerConfigResult {
  const env = withoutEmpty(environment);
  const complaints: string[] = [];
  const warnings: string[] = [];
  const complain: Complain = (variable, mustBe) => void complaints.push(`${variable} ${mustBe}`);

  const signing = parseSigningConfig(env, complain);
  if (signing.policySource === undefined)
    warnings.push("there is no policy (S3R_POLICY_FILE): whoever reaches this API may do all");
  const config: ServerConfig = {
    ...signing,
    port: parsePort(env["PORT"], complain),
    host: parseHost(env["HOST"] ?? "127.0.0.1", signing.policySource !== undefined, complain),
  };
  return complaints.length > 0 ? { ok: false, complaints } : { ok: true, config, warnings };
}
