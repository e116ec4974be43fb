/** The API and its store in a process of their own, on free ports. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Stack {
  readonly api: string;
  readonly store: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** How many requests the API has answered so far. */
  readonly apiCalls: () => number;
  readonly stop: () => void;
}

const ENTRY = fileURLToPath(new URL("../packages/api/src/entry/dev.ts", import.meta.url));

function countCalls(stderr: NodeJS.ReadableStream): () => number {
  const ids = new Set<string>();
  createInterface({ input: stderr }).on("line", (line) => {
    const id = /"requestId":"([^"]+)"/u.exec(line)?.[1];
    if (id !== undefined) ids.add(id);
  });
  return () => ids.size;
}

export async function startStack(directory: string): Promise<Stack> {
  const args = [ENTRY, "--port", "0", "--store-port", "0", "--data", directory, "--json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const apiCalls = countCalls(child.stderr);
  for await (const line of createInterface({ input: child.stdout })) {
    const addresses: Omit<Stack, "apiCalls" | "stop"> = JSON.parse(line);
    return { ...addresses, apiCalls, stop: () => void child.kill("SIGTERM") };
  }
  throw new Error("the API and its store did not start");
}
