/** What is deployed and installed, each from its entry. */
import { fileURLToPath } from "node:url";
import { bundle, type Bundle } from "./bundle.ts";

function source(path: string): string {
  return fileURLToPath(new URL(`../packages/${path}`, import.meta.url));
}

/** The function's handler. */
export async function bundleLambda(file: string): Promise<Bundle> {
  const lightFetch = source("api/src/adapters/light-fetch.ts");
  const globals = { Headers: lightFetch, Request: lightFetch, Response: lightFetch };
  return await bundle(source("api/src/entry/lambda.ts"), file, { globals });
}

/** `serve`, for any machine with Node. */
export async function bundleServer(file: string): Promise<Bundle> {
  return await bundle(source("api/src/entry/server.ts"), file);
}

/** `s3r`: Node runs the sources of no installed package, and starts a third faster with fewer files. */
export async function bundleCli(file: string): Promise<Bundle> {
  return await bundle(source("cli/src/bin.ts"), file, { isSplit: true });
}
