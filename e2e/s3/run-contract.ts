import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const VITEST = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));

/** @param filters which files; all when there are none. @returns vitest's exit code. */
export async function runContract(filters: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, [VITEST, "run", "--config", "vitest.s3.config.ts", ...filters], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  // A signal to this process alone, as a supervisor sends it, must end the tests too.
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.once(signal, forward);
  const [code]: unknown[] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}
