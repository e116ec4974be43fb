/** The API and the dev store as `start` runs them: real processes, free ports, a directory of their own. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { start, type RunOptions } from "./run.ts";
import { requireNoSecret } from "./secret.ts";

function entry(name: string): string {
  return fileURLToPath(new URL(`../../packages/api/src/entry/${name}.ts`, import.meta.url));
}

/** What `start --json` prints. */
export interface StackAddress {
  readonly api: string;
  readonly store: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Stack extends StackAddress, AsyncDisposable {
  readonly process: ChildProcess;
  readonly directory: string;
  /** Ends it with a signal and waits; the data stay. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** So far. */
  accessLog(): readonly Readonly<Record<string, unknown>>[];
}

export async function temporaryDirectory(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "s3r-e2e-"));
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new TypeError("the process has no stdout");
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) return line;
  throw new Error(`it ended before it was ready: ${errors}`);
}

export async function stopProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }
  return child.exitCode;
}

export interface StackOptions {
  /** Where the data are; a new directory, removed in the end, when absent. */
  readonly directory?: string;
  /** YAML; anyone may do all when absent. */
  readonly policy?: string;
  /** What its store does wrong on purpose, as `--fault` has it. */
  readonly faults?: readonly string[];
  readonly env?: RunOptions["env"];
}

async function policyArguments(directory: string, policy: string | undefined): Promise<readonly string[]> {
  if (policy === undefined) return [];
  const file = join(directory, "policy.yaml");
  await writeFile(file, policy);
  return ["--policy", file];
}

export async function startStack({ directory, policy, faults = [], env = {} }: StackOptions = {}): Promise<Stack> {
  const data = directory ?? (await temporaryDirectory());
  const args = [
    entry("dev"),
    "--port",
    "0",
    "--store-port",
    "0",
    "--data",
    data,
    "--json",
    ...faults.flatMap((fault) => ["--fault", fault]),
  ];
  const child = start(process.execPath, [...args, ...(await policyArguments(data, policy))], { env });
  const said = keepOutput(child.stderr);
  const address: StackAddress = JSON.parse(await firstLine(child));
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> => {
    const code = await stopProcess(child, signal);
    requireNoSecret(said(), "`start`");
    return code;
  };
  return {
    ...address,
    process: child,
    directory: data,
    stop,
    accessLog: () => parseAccessLog(said()),
    async [Symbol.asyncDispose]() {
      await stop();
      if (directory === undefined) await rm(data, { recursive: true, force: true });
    },
  };
}

function keepOutput(stream: Readable | null): () => string {
  let text = "";
  stream?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

/** The access log's lines, which stand among others. */
function parseAccessLog(output: string): readonly Readonly<Record<string, unknown>>[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith('{"time":'))
    .map((line) => {
      const parsed: Readonly<Record<string, unknown>> = JSON.parse(line);
      return parsed;
    });
}

export interface Served extends AsyncDisposable {
  readonly api: string;
  /** So far. */
  accessLog(): readonly Readonly<Record<string, unknown>>[];
  readonly process: ChildProcess;
}

/** The API alone, as `serve` runs it, in front of a store that is already there. */
export async function startServe(
  store: Pick<StackAddress, "bucket" | "region" | "accessKeyId" | "secretAccessKey">,
  endpoint: string,
  env: RunOptions["env"] = {},
): Promise<Served> {
  const child = start(process.execPath, [entry("server")], {
    env: {
      S3R_BUCKET: store.bucket,
      S3R_REGION: store.region,
      S3R_S3_ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: store.accessKeyId,
      AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
      PORT: "0",
      ...env,
    },
  });
  const [log, errors] = [keepOutput(child.stdout), keepOutput(child.stderr)];
  const api = /http:\/\/\S+/u.exec(await firstErrorLine(child))?.[0];
  if (api === undefined) throw new Error("the API did not say where it listens");
  return {
    api,
    process: child,
    accessLog: () => parseAccessLog(log()),
    async [Symbol.asyncDispose]() {
      await stopProcess(child, "SIGTERM");
      requireNoSecret(log() + errors(), "`serve`");
    },
  };
}

async function firstErrorLine(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new TypeError("the process has no stderr");
  for await (const line of createInterface({ input: child.stderr })) if (line.includes("http://")) return line;
  throw new Error("it ended before it was ready");
}
