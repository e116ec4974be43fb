/** Each thing that goes wrong at a store by itself, and often. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MEBIBYTE, sha256, writeRandomFile } from "./harness/files.ts";
import { s3r, type Finished } from "./harness/run.ts";
import { startStack, temporaryDirectory, type Stack } from "./harness/stack.ts";

const PATIENT = ["-q", "--retries", "20", "--stall-timeout", "500ms"];

let directory: string;
let file: string;
let digest: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  file = join(directory, "source");
  await writeRandomFile(file, 70 * MEBIBYTE);
  digest = await sha256(file);
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function run(stack: Stack, args: readonly string[]): Promise<Finished> {
  return await s3r(stack.api, [...args], { env: { XDG_STATE_HOME: join(directory, "state") } });
}

async function expectRoundTrip(stack: Stack): Promise<void> {
  expect(await run(stack, ["put", ...PATIENT, "--part-size", "5MiB", file, "k"])).toMatchObject({
    code: 0,
    stderr: "",
  });
  const copy = join(directory, "copy");
  expect(await run(stack, ["get", ...PATIENT, "k", copy])).toMatchObject({ code: 0, stderr: "" });
  expect(await sha256(copy)).toBe(digest);
}

describe("through a store where things go wrong", () => {
  it.each([
    ["slow-down", 0.2],
    ["internal-error", 0.3],
    ["expired-url", 0.3],
    ["reset", 0.2],
    ["lost-answer", 0.2],
    ["stall", 0.1],
    ["truncate", 0.3],
    ["corrupt", 0.05],
  ])("(%s, %d of all requests) 70 MiB go up and come down as they are", async (name, rate) => {
    await using stack = await startStack({ faults: [`${name}=${rate}`] });
    await expectRoundTrip(stack);
  });
});
