/** Every size with every key through every pair of clients, byte for byte. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, it } from "vitest";
import { KIBIBYTE, MEBIBYTE } from "./harness/files.ts";
import { AWKWARD_KEYS } from "./harness/keys.ts";
import { CLIENT_PAIRS, expectRoundTrip } from "./harness/round-trip.ts";
import { startStack, temporaryDirectory, type Stack } from "./harness/stack.ts";

const SIZES = [0, 1, 64 * KIBIBYTE - 1, 5 * MEBIBYTE, 256 * MEBIBYTE];

let stack: Stack;
let directory: string;

beforeAll(async () => {
  stack = await startStack();
  directory = await temporaryDirectory();
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

describe.each(CLIENT_PAIRS)("put by %s, got by %s", (putter, getter) => {
  describe.each(SIZES)("%i bytes", (size) => {
    it.each(AWKWARD_KEYS)("under %s", async (key) => {
      await expectRoundTrip({ api: stack.api, directory, putter, getter, key, size });
    });
  });
});
