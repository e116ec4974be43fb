/** `s3r` as people run it: a process of its own, asking the doubles. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../bin.ts", import.meta.url));

export interface RunOptions {
  readonly endpoint?: URL;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its stdin, which is closed then. */
  readonly input?: string | Uint8Array;
  /** Called when it has been started. */
  readonly started?: (child: ChildProcess) => void;
}

export interface Ran {
  /** Nothing when a signal has ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runBin(args: readonly string[], options: RunOptions): Promise<Ran> {
  const { endpoint, cwd, env = {}, input, started } = options;
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    // Nothing of the environment that the tests run in, such as `CI`, proxies or a configuration.
    env: { HOME: cwd, ...(endpoint === undefined ? {} : { S3R_ENDPOINT: endpoint.href }), ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => {}).end(input);
  started?.(child);
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}
