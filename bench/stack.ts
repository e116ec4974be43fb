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

export async function startStack(directory: string): Promise<Stack> {
  const args = ["--port", "0", "--store-port", "0", "--data", directory, "--json"];
  const child = startScript("../packages/api/src/entry/dev.ts", args);
  const apiCalls = countCalls(child.stderr);
  const address: StackAddress = JSON.parse(await firstLine(child.stdout));
  return { ...address, apiCalls, stop: () => void child.kill("SIGTERM") };
}

/** With TLS in front of the store, as any store on the network has it. */
export async function startSecureStack(directory: string): Promise<Stack> {
  const plain = await startStack(directory);
  const front = startScript("tls-front.ts", [new URL(plain.store).port, directory]);
  const { port, caFile }: { port: number; caFile: string } = JSON.parse(await firstLine(front.stdout));
  const store = `https://localhost:${port}`;
  const api = startScript("../packages/api/src/entry/server.ts", [], {
    S3R_BUCKET: plain.bucket,
    S3R_REGION: plain.region,
    S3R_S3_ENDPOINT: store,
    AWS_ACCESS_KEY_ID: plain.accessKeyId,
    AWS_SECRET_ACCESS_KEY: plain.secretAccessKey,
    PORT: "0",
  });
  const apiCalls = countCalls(api.stdout);
  let said = "";
  for await (const chunk of api.stderr.iterator({ destroyOnReturn: false })) {
    said += String(chunk);
    if (said.includes("http://")) break;
  }
  const address = /http:\/\/\S+/u.exec(said)?.[0] ?? "";
  return {
    ...plain,
    api: address,
    store,
    caFile,
    apiCalls,
    stop() {
      for (const child of [api, front]) child.kill("SIGTERM");
      plain.stop();
    },
  };
}
