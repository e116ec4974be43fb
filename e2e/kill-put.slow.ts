/** D37: kill -9 at any moment of an upload in parts, and the same command again: what was there is not sent again. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MEBIBYTE, sha256, writeRandomFile } from "./harness/files.ts";
import { startRecorder, type Recorder } from "./harness/recorder.ts";
import { curl, s3r, s3rArguments, start } from "./harness/run.ts";
import { startServe, startStack, stopProcess, temporaryDirectory, type Served, type Stack } from "./harness/stack.ts";

const SIZE = 64 * MEBIBYTE;
const PART = 5 * MEBIBYTE;
const LANES = 4;
const ROUNDS = 50;
/** Heads, lists of parts, and what the other side of a killed process still reads. */
const SLACK = 2 * MEBIBYTE;

let stack: Stack;
let recorder: Recorder;
let served: Served;
let directory: string;
let file: string;
let digest: string;

beforeAll(async () => {
  stack = await startStack();
  // All that goes to the store goes through it, and is counted.
  recorder = await startRecorder(Number(new URL(stack.store).port));
  served = await startServe(stack, `http://localhost:${recorder.port}`);
  directory = await temporaryDirectory();
  file = join(directory, "source");
  await writeRandomFile(file, SIZE);
  digest = await sha256(file);
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await recorder[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const ARGS = ["put", "-q", "--part-size", String(PART), "--concurrency", String(LANES)];

function environment(): Record<string, string> {
  return { XDG_STATE_HOME: join(directory, "state") };
}

async function isRemembered(): Promise<boolean> {
  const names = await readdir(join(directory, "state", "s3r", "uploads")).catch(() => []);
  return names.some((name) => name.endsWith(".json"));
}

/** Whether it was killed before it was done: it may have been on its way out. */
async function killedAfter(milliseconds: number, key: string): Promise<boolean> {
  const child = start(process.execPath, s3rArguments([...ARGS, file, key]), {
    env: { S3R_ENDPOINT: served.api, ...environment() },
  });
  await delay(milliseconds);
  return (await stopProcess(child, "SIGKILL")) !== 0 && (await isRemembered());
}

async function expectStored(key: string): Promise<void> {
  const copy = join(directory, "copy");
  expect(await curl(["-fL", "-o", copy, `${stack.api}/${key}`])).toMatchObject({ code: 0 });
  expect(await sha256(copy)).toBe(digest);
}

it(
  `D37: ${ROUNDS} uploads that are killed at random moments go on where they ended`,
  { timeout: 600_000 },
  async () => {
    const started = performance.now();
    expect(await s3r(served.api, [...ARGS, file, "k"], { env: environment() })).toMatchObject({ code: 0 });
    const whole = performance.now() - started;
    let resumed = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = `k${round % 4}`;
      const before = recorder.bytes();
      if (!(await killedAfter(whole * Math.random(), key))) continue;
      const sentByKilled = recorder.bytes() - before;
      expect(await s3r(served.api, [...ARGS, file, key], { env: environment() })).toMatchObject({ code: 0 });
      await expectStored(key);
      expect(recorder.bytes() - before).toBeLessThan(SIZE + LANES * PART + SLACK);
      if (sentByKilled > PART) resumed += 1;
    }
    // Otherwise nothing was tested.
    expect(resumed).toBeGreaterThan(ROUNDS / 4);
  },
);
