/** The environment of the function as a checked configuration. All that is wrong is reported at once. */
import { FRONT_DOORS, type FrontDoorName } from "../adapters/front-doors/front-doors.ts";
import type { Credentials } from "../sign/credentials.ts";
import { parseEmbeddedMetrics } from "./metrics-config.ts";
import type { PolicySource } from "./load-policy.ts";
import {
  parseSigningConfig,
  withoutEmpty,
  type Complain,
  type Environment,
  type SigningConfig,
} from "./signing-config.ts";

export interface LambdaConfig extends SigningConfig {
  readonly policySource: PolicySource;
  readonly frontDoor: FrontDoorName;
  /** `""` or such as `/files`; absent when nothing was said. */
  readonly basePath?: string;
  readonly credentials: Credentials;
  /** As in `MetricsConfig`. */
  readonly isEmbedded: boolean;
}

/** Every complaint is one sentence that begins with the variable's name. */
export type LambdaConfigResult =
  | { readonly ok: true; readonly config: LambdaConfig }
  | { readonly ok: false; readonly complaints: readonly string[] };

/** Segments of what API Gateway takes for a base path, without those that a client would resolve. */
const BASE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~$+!*'()-]+)*\/?$/u;

function isFrontDoor(name: string): name is FrontDoorName {
  return Object.hasOwn(FRONT_DOORS, name);
}

function parseFrontDoor(name: string, complain: Complain): FrontDoorName {
  if (isFrontDoor(name)) return name;
  complain("S3R_FRONT_DOOR", `must say what invokes this function: one of ${Object.keys(FRONT_DOORS).join(", ")}`);
  return "function-url";
}

function parseBasePath(path: string, complain: Complain): string {
  if (!BASE_PATH.test(path)) {
    complain("S3R_BASE_PATH", "must be what stands before the key in the path, such as `/files`, or `/` for nothing");
  }
  return path.replace(/\/$/u, "");
}

function requirePolicy(source: PolicySource | undefined, complain: Complain): PolicySource {
  if (source !== undefined) return source;
  complain("S3R_POLICY_FILE", "must name the policy (or S3R_POLICY hold it): it says who may do what");
  return { kind: "inline", text: "" };
}

/**
 * What Lambda has started the execution environment with; it replaces the environment before they expire.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
function parseCredentials(env: Environment, complain: Complain): Credentials {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId = "",
    AWS_SECRET_ACCESS_KEY: secretAccessKey = "",
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (accessKeyId === "" || secretAccessKey === "") {
    complain("AWS_ACCESS_KEY_ID", "and AWS_SECRET_ACCESS_KEY must be there: Lambda sets them from the function's role");
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

export function parseLambdaConfig(environment: Environment): LambdaConfigResult {
  const env = withoutEmpty(environment);
  const complaints: string[] = [];
  const complain: Complain = (variable, mustBe) => void complaints.push(`${variable} ${mustBe}`);

  const frontDoor = parseFrontDoor(env["S3R_FRONT_DOOR"] ?? "", complain);
  const basePath = env["S3R_BASE_PATH"];
  const signing = parseSigningConfig(env, complain);
  const config: LambdaConfig = {
    ...signing,
    policySource: requirePolicy(signing.policySource, complain),
    frontDoor,
    ...(basePath === undefined ? {} : { basePath: parseBasePath(basePath, complain) }),
    credentials: parseCredentials(env, complain),
    isEmbedded: parseEmbeddedMetrics(env, complain),
  };
  return complaints.length > 0 ? { ok: false, complaints } : { ok: true, config };
}
