/** A store and a network at their worst: whatever s3r says it has moved, it has moved byte for byte. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MEBIBYTE, sha256, writeRandomFile } from "./harness/files.ts";
import { curl, s3r, type Finished } from "./harness/run.ts";
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
  it("(all of it) 70 MiB go up and come down as they are", { timeout: 60_000 }, async () => {
    const names = [
      "slow-down",
      "internal-error",
      "expired-url",
      "reset",
      "lost-answer",
      "stall",
      "truncate",
      "corrupt",
    ];
    await using stack = await startStack({ faults: names.map((name) => `${name}=0.02`) });
    await expectRoundTrip(stack);
  });

  it("a byte that is always another one ends with 8, and stores and writes nothing", async () => {
    await using stack = await startStack({ faults: ["corrupt=1"] });
    expect(await run(stack, ["put", "-q", "--part-size", "5MiB", file, "k"])).toMatchObject({ code: 8 });
    expect((await curl(["-sL", "-o", "/dev/null", "-w", "%{http_code}", `${stack.api}/k`])).stdout).toBe("404");
  });
});
