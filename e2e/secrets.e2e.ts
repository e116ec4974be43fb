/** What s3r sends to the API stays at the API, and no presigned query is printed. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPEN_WITH_TOKEN } from "./harness/policies.ts";
import { startRecorder, type Recorder } from "./harness/recorder.ts";
import { s3r } from "./harness/run.ts";
import { startServe, startStack, temporaryDirectory, type Served, type Stack } from "./harness/stack.ts";

let stack: Stack;
let atStore: Recorder;
let atApi: Recorder;
let served: Served;
let endpoint: string;
let directory: string;

beforeAll(async () => {
  stack = await startStack();
  atStore = await startRecorder(Number(new URL(stack.store).port));
  served = await startServe(stack, `http://localhost:${atStore.port}`, { S3R_POLICY: OPEN_WITH_TOKEN });
  atApi = await startRecorder(Number(new URL(served.api).port));
  endpoint = `http://user:t0p-s3cret@127.0.0.1:${atApi.port}`;
  directory = await temporaryDirectory();
  await writeFile(join(directory, "file"), "hello");
});

afterAll(async () => {
  await atApi[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
  await atStore[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

describe("s3r", () => {
  it("sends its credentials to the API and to nobody else, and prints neither them nor a signature", async () => {
    const file = join(directory, "file");
    const said: string[] = [];
    for (const args of [
      ["put", "-v", file, "k"],
      ["get", "-v", "k", join(directory, "copy")],
      ["ls", "-v"],
      ["get", "-v", "--retries", "0", "absent", join(directory, "none")],
      ["put", "-v", "--no-clobber", "--json", file, "k"],
      ["rm", "-v", "k"],
    ]) {
      const { stdout, stderr } = await s3r(endpoint, args);
      said.push(stdout, stderr);
    }
    expect(atApi.heads().join("")).toMatch(/^authorization: Basic dXNlcjp0MHAtczNjcmV0\r$/imu);
    expect(atStore.heads().length).toBeGreaterThanOrEqual(6);
    expect(atStore.heads().join("")).not.toMatch(/^(?:authorization|x-api-key|cookie|s3r-[\w-]+):/imu);
    expect(said.join("")).not.toMatch(/t0p-s3cret|dXNlcjp0MHAtczNjcmV0|X-Amz-Signature/iu);
  });

  it("prints the presigned URL for `url`, and only there", async () => {
    const { code, stdout } = await s3r(endpoint, ["url", "get", "k"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^http:\/\/localhost:\d+\/dev\/k\?\S*X-Amz-Signature=[0-9a-f]{64}\S*\n$/u);
  });
});
