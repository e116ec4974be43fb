/** D37: kill -9 at any moment of a get in ranges, and the same command again: what is there does not come again. */
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MEBIBYTE, sha256, writeRandomFile } from "./harness/files.ts";
import { s3r, s3rArguments, start } from "./harness/run.ts";
import { startStack, stopProcess, temporaryDirectory, type Stack } from "./harness/stack.ts";

/** Sixteen parts. */
const SIZE = 256 * MEBIBYTE;
const LANES = 4;
const PART = 16 * MEBIBYTE;
const ROUNDS = 50;

let stack: Stack;
let directory: string;
let target: string;
let digest: string;

beforeAll(async () => {
  stack = await startStack();
  directory = await temporaryDirectory();
  target = join(directory, "target");
  const file = join(directory, "source");
  await writeRandomFile(file, SIZE);
  digest = await sha256(file);
  await s3r(stack.api, ["put", "-q", file, "k"]);
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const ARGS = ["get", "--json", "--concurrency", String(LANES), "k"];

function environment(): Record<string, string> {
  return { XDG_STATE_HOME: join(directory, "state") };
}

interface Got {
  readonly reused: number;
}

async function getAll(): Promise<Got> {
  const { code, stdout } = await s3r(stack.api, [...ARGS, target], { env: environment() });
  expect(code).toBe(0);
  const result: { readonly reused?: number } = JSON.parse(stdout);
  return { reused: result.reused ?? 0 };
}

/** Of the parts that a killed one has noted as done, in bytes; nothing when there is no note. */
async function noted(): Promise<number | undefined> {
  const folder = join(directory, "state", "s3r", "downloads");
  const name = (await readdir(folder).catch(() => [])).find((each) => each.endsWith(".json"));
  if (name === undefined) return undefined;
  // A line for the object, and one for each part.
  return ((await readFile(join(folder, name), "utf8")).trimEnd().split("\n").length - 1) * PART;
}

/** The disk space that partial files take: what had come when it was killed. One that was killed at its start leaves an empty one. */
async function arrived(): Promise<number> {
  const names = (await readdir(directory)).filter((each) => each.endsWith(".part"));
  const stats = await Promise.all(names.map((name) => stat(join(directory, name))));
  return stats.reduce((sum, { blocks }) => sum + blocks * 512, 0);
}

it(
  `D37: ${ROUNDS} downloads that are killed at random moments go on where they ended`,
  { timeout: 600_000 },
  async () => {
    const started = performance.now();
    expect(await getAll()).toEqual({ reused: 0 });
    const whole = performance.now() - started;
    let resumed = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await rm(target);
      const child = start(process.execPath, s3rArguments([...ARGS, target]), {
        env: { S3R_ENDPOINT: stack.api, ...environment() },
      });
      await delay(whole * Math.random());
      await stopProcess(child, "SIGKILL");
      const [note, there] = [await noted(), await arrived()];
      const { reused } = await getAll();
      expect(await sha256(target)).toBe(digest);
      expect(reused).toBe(note ?? 0);
      // What has come and is got again is no more than the parts that were on their way.
      expect(there - reused).toBeLessThanOrEqual(LANES * PART + PART);
      if (reused > 0) resumed += 1;
      expect(await arrived()).toBe(0);
    }
    // Otherwise nothing was tested.
    expect(resumed).toBeGreaterThan(ROUNDS / 5);
  },
);
