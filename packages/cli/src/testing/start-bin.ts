/** `s3r` as people run it: a process of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../bin.ts", import.meta.url));

export interface BinOptions {
  readonly endpoint: URL;
  readonly cwd: string;
  /** A file descriptor; a pipe where there is none. */
  readonly stdin?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningBin {
  readonly child: ChildProcess;
  /** On stderr, so far. */
  readonly said: () => string;
  readonly finished: () => Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

export function startBin(args: readonly string[], { endpoint, cwd, stdin, env = {} }: BinOptions): RunningBin {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    // Nothing of the environment that the tests run in, such as `CI`, proxies or a configuration.
    env: { HOME: cwd, S3R_ENDPOINT: endpoint.href, ...env },
    stdio: [stdin ?? "pipe", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  // It may end before it has read everything.
  child.stdin?.on("error", () => {});
  const closed = once(child, "close");
  return {
    child,
    said: () => stderr,
    async finished() {
      await closed;
      return { code: child.exitCode, stdout, stderr };
    },
  };
}
