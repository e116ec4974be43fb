/** A server process with its output in a file, ended without being asked twice. */
import { spawn, type ChildProcess } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { stopProcess } from "../../harness/stack.ts";

export interface ServerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** The end of what it has said. */
  output(): Promise<string>;
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A file for stdout and stderr. */
  readonly log: string;
}

/** A server that has not heeded SIGTERM for so long is killed: its data are thrown away. */
const PATIENCE_MILLISECONDS = 5000;

async function end(child: ChildProcess): Promise<void> {
  const stopped = stopProcess(child, "SIGTERM");
  const late = delay(PATIENCE_MILLISECONDS, "late" as const, { ref: false });
  if ((await Promise.race([stopped, late])) === "late") await stopProcess(child, "SIGKILL");
}

export async function startServer({ command, args, env = {}, log }: ServerCommand): Promise<ServerProcess> {
  const file = await open(log, "a");
  // A group of its own: Ctrl-C is for the tests, and the server goes when they have ended.
  const child = spawn(command, args, {
    detached: true,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["ignore", file.fd, file.fd],
  });
  child.on("error", () => {});
  await file.close();
  return {
    child,
    output: async () => (await readFile(log, "utf8").catch(() => "")).slice(-2000),
    [Symbol.asyncDispose]: async () => await end(child),
  };
}
