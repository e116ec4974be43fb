import { run, type RunOptions } from "../../harness/run.ts";

/** This process's environment: where a package manager finds its registry and its caches is said there. */
export function inheritedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Runs a program of an installation. @returns its stdout. @throws Error with its stderr when it fails or is not there. */
export async function mustRun(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args[0] ?? ""} ended with ${code}: ${stderr.slice(-2000)}`);
  return stdout;
}
