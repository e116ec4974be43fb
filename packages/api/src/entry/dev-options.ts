/** The command line of `start`. */
import { parseArgs } from "node:util";
import { FAULT_NAMES, type FaultName, type FaultPlan } from "../dev-store/faults.ts";
import { BUCKET_NAME_RULE, isBucketName } from "../sign/bucket-name.ts";

export interface DevOptions {
  readonly port: number;
  readonly storePort: number;
  readonly directory: string;
  readonly bucket: string;
  readonly json: boolean;
  /** A file; absent for one that lets anyone on this machine do all. */
  readonly policy: string | undefined;
  /** What the store does wrong on purpose. */
  readonly faults: FaultPlan;
}

/** What is wrong with the command line, and what to type instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const USAGE =
  "usage: start [--port 8787] [--store-port 8788] [--data DIR] [--bucket NAME] [--policy FILE] [--fault NAME=RATE]... [--json]";

function parsePort(option: string, value: string): number {
  const port = Number(value);
  if (!/^\d{1,5}$/u.test(value) || port > 65_535) {
    throw new UsageError(`--${option} must be a port from 0 (any free one) to 65535, not \`${value}\`\n${USAGE}`);
  }
  return port;
}

function parseBucket(name: string): string {
  if (!isBucketName(name)) {
    throw new UsageError(`--bucket must have ${BUCKET_NAME_RULE}, not \`${name}\`
${USAGE}`);
  }
  return name;
}

function isFaultName(name: string): name is FaultName {
  const names: readonly string[] = FAULT_NAMES;
  return names.includes(name);
}

/** `slow-down=0.1`: a tenth of all requests. */
function parseFaults(values: readonly string[]): FaultPlan {
  return Object.fromEntries(
    values.map((value) => {
      const [, name = "", rate = ""] = /^([a-z-]+)=(0(?:\.\d{1,6})?|1)$/u.exec(value) ?? [];
      if (isFaultName(name)) return [name, Number(rate)];
      throw new UsageError(
        `--fault must be NAME=RATE, with a rate from 0 to 1 and one of ${FAULT_NAMES.join(", ")}, not \`${value}\`\n${USAGE}`,
      );
    }),
  );
}

function parseRaw(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string", default: "8787" },
        "store-port": { type: "string", default: "8788" },
        data: { type: "string", default: ".s3r-data" },
        bucket: { type: "string", default: "dev" },
        policy: { type: "string" },
        fault: { type: "string", multiple: true, default: [] },
        json: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, { cause: error });
  }
}

/** @throws UsageError */
export function parseDevOptions(args: readonly string[]): DevOptions {
  const values = parseRaw(args);
  return {
    port: parsePort("port", values.port),
    storePort: parsePort("store-port", values["store-port"]),
    directory: values.data,
    bucket: parseBucket(values.bucket),
    json: values.json,
    policy: values.policy,
    faults: parseFaults(values.fault),
  };
}
