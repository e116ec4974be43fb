/** The API and its store in processes of their own, on free ports. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

interface StackAddress {
  readonly api: string;
  readonly store: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Stack extends StackAddress {
  /** Path of the certificate that clients must trust, if the store is behind TLS. */
  readonly caFile?: string;
  /** How many requests the API has answered so far. */
  readonly apiCalls: () => number;
  readonly stop: () => void;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

function startScript(path: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const script = fileURLToPath(new URL(path, import.meta.url));
  return spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
}

async function firstLine(stream: Readable): Promise<string> {
  for await (const line of createInterface({ input: stream })) return line;
  throw new Error("the API, its store or what is before it did not start");
}

function countCalls(log: Readable): () => number {
  const ids = new Set<string>();
  createInterface({ input: log }).on("line", (line) => {
    const id = /"requestId":"([^"]+)"/u.exec(line)?.[1];
    if (id !== undefined) ids.add(id);
  });
  return () => ids.size;
}

interface Front {
  readonly store: string;
  readonly caFile?: string;
  readonly child?: Child;
}

/** TLS, as any store on the network has it. */
async function startFront(store: string, directory: string): Promise<Front> {
  const child = startScript("tls-front.ts", [new URL(store).port, directory]);
  const { port, caFile }: { port: number; caFile: string } = JSON.parse(await firstLine(child.stdout));
  return { store: `https://localhost:${port}`, caFile, child };
}

async function readEndpoint(stderr: Readable): Promise<string> {
  let said = "";
  for await (const chunk of stderr.iterator({ destroyOnReturn: false })) {
    said += String(chunk);
    const endpoint = /http:\/\/\S+/u.exec(said)?.[0];
    if (endpoint !== undefined) return endpoint;
  }
  throw new Error(`the API did not start: ${said}`);
}

/** The API is a process of its own, as it is anywhere but in `start`: the store's one thread has enough to do. */
export async function startStack(directory: string, isSecure: boolean): Promise<Stack> {
  const args = ["--port", "0", "--store-port", "0", "--data", directory, "--json"];
  const dev = startScript("../packages/api/src/entry/dev.ts", args);
  const there: StackAddress = JSON.parse(await firstLine(dev.stdout));
  const { store, caFile, child: front } = isSecure ? await startFront(there.store, directory) : { store: there.store };
  const api = startScript("../packages/api/src/entry/server.ts", [], {
    S3R_BUCKET: there.bucket,
    S3R_REGION: there.region,
    S3R_S3_ENDPOINT: store,
    AWS_ACCESS_KEY_ID: there.accessKeyId,
    AWS_SECRET_ACCESS_KEY: there.secretAccessKey,
    PORT: "0",
  });
  const apiCalls = countCalls(api.stdout);
  return {
    ...there,
    api: await readEndpoint(api.stderr),
    store,
    ...(caFile === undefined ? {} : { caFile }),
    apiCalls,
    stop() {
      for (const child of [api, front, dev]) child?.kill("SIGTERM");
    },
  };
}
