/** A function in a process of its own, behind a Runtime API: cold at its first event, warm from then on. */
import { fileURLToPath } from "node:url";
import { startRuntimeApi, type Failure, type LambdaResult } from "./lambda-runtime-api.ts";
import { start } from "./run.ts";
import { requireNoSecret } from "./secret.ts";
import { stopProcess } from "./stack.ts";

const BOOTSTRAP = fileURLToPath(new URL("lambda-bootstrap.ts", import.meta.url));

export interface LambdaFunction extends AsyncDisposable {
  /** @throws Error when the function fails. */
  readonly invoke: (event: unknown) => Promise<LambdaResult>;
  /** @throws Error when it does not. */
  readonly fail: (event: unknown) => Promise<Failure>;
  readonly initError: Promise<Failure>;
  /** All that it has written to stdout so far. */
  readonly log: () => string;
}

/** @param taskRoot where `index.mjs` is, and relative paths begin. */
export async function startLambda(taskRoot: string, env: Readonly<Record<string, string>>): Promise<LambdaFunction> {
  const runtime = await startRuntimeApi();
  const child = start(process.execPath, [BOOTSTRAP], {
    cwd: taskRoot,
    env: { AWS_LAMBDA_RUNTIME_API: runtime.address, LAMBDA_TASK_ROOT: taskRoot, ...env },
  });
  const said = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()));
  return {
    async invoke(event) {
      const outcome = await runtime.invoke(event);
      if ("failure" in outcome) throw new Error(outcome.failure.errorMessage);
      return outcome.result;
    },
    async fail(event) {
      const outcome = await runtime.invoke(event);
      if ("result" in outcome) throw new Error(`it answered ${outcome.result.statusCode}`);
      return outcome.failure;
    },
    initError: runtime.initError,
    log: () => said.stdout,
    async [Symbol.asyncDispose]() {
      await stopProcess(child, "SIGTERM");
      await runtime[Symbol.asyncDispose]();
      requireNoSecret(said.stdout + said.stderr, "the function");
    },
  };
}
