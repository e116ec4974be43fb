/** Every size with every key through every pair of clients, byte for byte. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { KIBIBYTE, MEBIBYTE, writeRandomFile } from "./harness/files.ts";
import { AWKWARD_KEYS } from "./harness/keys.ts";
import { CLIENT_PAIRS, expectRoundTrip } from "./harness/round-trip.ts";
import { startStack, temporaryDirectory, type Stack } from "./harness/stack.ts";

const SIZES = [0, 1, 64 * KIBIBYTE - 1, 5 * MEBIBYTE, 256 * MEBIBYTE];

let stack: Stack;
let directory: string;

/** One file a size. */
function sourceOf(size: number): string {
  return join(directory, String(size));
}

beforeAll(async () => {
  stack = await startStack();
  directory = await temporaryDirectory();
  for (const size of SIZES) await writeRandomFile(sourceOf(size), size);
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

describe.each(CLIENT_PAIRS)("put by %s, got by %s", (putter, getter) => {
  describe.each(SIZES)("%i bytes", (size) => {
    it.each(AWKWARD_KEYS)("under %s", async (key) => {
      await expectRoundTrip({ api: stack.api, source: sourceOf(size), putter, getter, key });
    });
  });
});
