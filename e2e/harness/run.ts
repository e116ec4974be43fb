/** Runs a program to its end, or starts it, and keeps what it says. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { fileURLToPath } from "node:url";
import { requireNoSecret } from "./secret.ts";

export interface Finished {
  /** The exit code; 128 + n after signal n, as a shell has it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What the program reads on stdin; nothing when absent. */
  readonly input?: string | Uint8Array;
  /** A file that takes stdout instead of memory. */
  readonly stdoutTo?: string;
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGPIPE: 13, SIGTERM: 15 };

function exitCode(code: number | null, signal: string | null): number {
  return code ?? 128 + (SIGNALS[signal ?? ""] ?? 0);
}

/** Starting is most of what the many short processes do. */
const COMPILE_CACHE = fileURLToPath(new URL("../../node_modules/.cache/node", import.meta.url));

/** The environment without what would change how a program speaks or where it looks. */
export function plainEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG } = process.env;
  return { PATH, HOME, TMPDIR, LANG, NO_COLOR: "1", NODE_COMPILE_CACHE: COMPILE_CACHE, ...extra };
}

/** Starts a program. Its stdin is closed unless there is input. */
export function start(command: string, args: readonly string[], options: RunOptions = {}): ChildProcess {
  const child = spawn(command, args, {
    env: plainEnvironment(options.env),
    cwd: options.cwd,
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.on("error", () => {}).end(options.input);
  return child;
}

export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = start(command, args, options);
  let stdout = "";
  let stderr = "";
  if (options.stdoutTo === undefined) child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  else child.stdout?.pipe(createWriteStream(options.stdoutTo));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const closed: unknown[] = await once(child, "close");
  const [code, signal] = closed;
  return {
    code: exitCode(typeof code === "number" ? code : null, typeof signal === "string" ? signal : null),
    stdout,
    stderr,
  };
}

/** What has been built for the tests; outside of them the sources. */
const CLI = process.env["S3R_TEST_CLI"] ?? fileURLToPath(new URL("../../packages/cli/src/bin.ts", import.meta.url));

/** The arguments of `node` that make it `s3r`. */
export function s3rArguments(args: readonly string[]): readonly string[] {
  return [CLI, ...args];
}

/** Fails if it prints a secret, unless that is what it is asked for. */
export async function s3r(endpoint: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const finished = await run(process.execPath, s3rArguments(args), {
    ...options,
    env: { S3R_ENDPOINT: endpoint, ...options.env },
  });
  if (!args.includes("url")) requireNoSecret(finished.stdout + finished.stderr, `\`s3r ${args[0]}\``);
  return finished;
}

/** curl as a script should call it: no configuration file, quiet, failing on an error status, showing why. */
export async function curl(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return await run("curl", ["-q", "-sS", "-g", ...args], options);
}
