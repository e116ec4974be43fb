/** The dev store of this repository, as `start` runs it. */
import { startStack } from "../../harness/stack.ts";
import type { InstalledServer, RunningServer, S3Server } from "./s3-server.ts";

async function startDevStore(directory: string): Promise<RunningServer> {
  const stack = await startStack({ directory });
  const { store, region, accessKeyId, secretAccessKey } = stack;
  return {
    endpoint: store,
    region,
    accessKeyId,
    secretAccessKey,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

export const DEV: S3Server = {
  title: "s3r's dev store",
  homepage: "dev-store.md",
  gaps: [],
  install: async (): Promise<InstalledServer> => ({ version: "of this commit", start: startDevStore }),
};
