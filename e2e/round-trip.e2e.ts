/** What goes in comes out, from curl to s3r and back. The whole matrix of clients, sizes and keys is in `round-trip.slow.ts`. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KIBIBYTE, MEBIBYTE, writeRandomFile } from "./harness/files.ts";
import { AWKWARD_KEYS } from "./harness/keys.ts";
import { expectRoundTrip } from "./harness/round-trip.ts";
import { curl } from "./harness/run.ts";
import { startStack, temporaryDirectory, type Stack } from "./harness/stack.ts";

const SIZES = [0, 1, 64 * KIBIBYTE - 1, 5 * MEBIBYTE];

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

describe.each([
  ["curl", "s3r"],
  ["s3r", "curl"],
] as const)("put by %s, got by %s", (putter, getter) => {
  it.each(SIZES)("keeps %i bytes as they are", async (size) => {
    await expectRoundTrip({
      api: stack.api,
      source: sourceOf(size),
      putter,
      getter,
      key: `${putter}-${getter}/${size}`,
    });
  });
});

describe.each(["100% a+b (1)~?#&=.txt", "日本語/é/😀"])("the key %s", (key) => {
  it("is the same object for curl and s3r", async () => {
    await expectRoundTrip({ api: stack.api, source: sourceOf(1), putter: "curl", getter: "s3r", key });
    await expectRoundTrip({ api: stack.api, source: sourceOf(0), putter: "s3r", getter: "curl", key });
  });
});

describe.each(AWKWARD_KEYS)("the key %s", (key) => {
  it("is put, listed and got as it is", async () => {
    await expectRoundTrip({ api: stack.api, source: sourceOf(1), putter: "curl", getter: "curl", key });
    const { stdout } = await curl(["-fL", `${stack.api}/?list-type=2`]);
    const keys = [...stdout.matchAll(/<Key>(.*?)<\/Key>/gu)].map(([, listed = ""]) => listed.replaceAll("&amp;", "&"));
    expect(keys).toContain(key);
  });
});
