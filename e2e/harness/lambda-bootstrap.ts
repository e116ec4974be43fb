/**
 * What Lambda's Node runtime does with a function, as much as a test needs: loads its handler from LAMBDA_TASK_ROOT,
 * and asks the Runtime API for one event after the other.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { AWS_LAMBDA_RUNTIME_API = "", LAMBDA_TASK_ROOT = "" } = process.env;
const RUNTIME = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;

type Handler = (event: unknown) => Promise<unknown>;

async function post(path: string, value: unknown): Promise<void> {
  await fetch(`${RUNTIME}${path}`, { method: "POST", body: JSON.stringify(value) });
}

function toFailure(error: unknown): unknown {
  const { name, message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  return { errorType: name, errorMessage: message, stackTrace: stack.split("\n") };
}

async function loadHandler(): Promise<Handler> {
  const file = pathToFileURL(join(LAMBDA_TASK_ROOT, "index.mjs")).href;
  const loaded: { readonly handler: Handler } = await import(file);
  return loaded.handler;
}

async function handleNext(handler: Handler): Promise<void> {
  const next = await fetch(`${RUNTIME}/invocation/next`);
  const invocation = `/invocation/${next.headers.get("lambda-runtime-aws-request-id")}`;
  try {
    await post(`${invocation}/response`, await handler(await next.json()));
  } catch (error) {
    await post(`${invocation}/error`, toFailure(error));
  }
}

try {
  const handler = await loadHandler();
  for (;;) await handleNext(handler);
} catch (error) {
  await post("/init/error", toFailure(error));
  process.exitCode = 1;
}
