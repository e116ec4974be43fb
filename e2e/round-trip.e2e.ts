/** What goes in comes out, through every pair of clients. The whole matrix of sizes and keys is in `round-trip.slow.ts`. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KIBIBYTE, MEBIBYTE, sha256, writeRandomFile } from "./harness/files.ts";
import { AWKWARD_KEYS, keyPath } from "./harness/keys.ts";
import { curl, s3r } from "./harness/run.ts";
import { startStack, temporaryDirectory, type Stack } from "./harness/stack.ts";

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

const CLIENTS = {
  curl: {
    put: (file: string, key: string) => curl(["-fL", "-T", file, `${stack.api}/${keyPath(key)}`]),
    get: (key: string, file: string) => curl(["-fL", "-o", file, `${stack.api}/${keyPath(key)}`]),
  },
  s3r: {
    put: (file: string, key: string) => s3r(stack.api, ["put", "-q", file, key]),
    get: (key: string, file: string) => s3r(stack.api, ["get", "-q", key, file]),
  },
};

const PAIRS = [
  ["curl", "curl"],
  ["curl", "s3r"],
  ["s3r", "curl"],
  ["s3r", "s3r"],
] as const;

async function expectRoundTrip(
  putter: keyof typeof CLIENTS,
  getter: keyof typeof CLIENTS,
  key: string,
  size: number,
): Promise<void> {
  const source = join(directory, `source-${putter}-${getter}-${size}`);
  const copy = `${source}.copy`;
  await writeRandomFile(source, size);
  expect(await CLIENTS[putter].put(source, key)).toMatchObject({ code: 0 });
  expect(await CLIENTS[getter].get(key, copy)).toMatchObject({ code: 0 });
  expect(await sha256(copy)).toBe(await sha256(source));
}

describe.each(PAIRS)("put by %s, got by %s", (putter, getter) => {
  it.each([0, 1, 64 * KIBIBYTE - 1, 5 * MEBIBYTE])("keeps %i bytes as they are", async (size) => {
    await expectRoundTrip(putter, getter, `sizes/${putter}-${getter}/${size}`, size);
  });
});

describe.each(AWKWARD_KEYS)("the key %s", (key) => {
  it("is the same object for curl and s3r", async () => {
    await expectRoundTrip("curl", "s3r", key, 1);
    await expectRoundTrip("s3r", "curl", key, 1);
  });
});
