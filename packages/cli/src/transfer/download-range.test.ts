import { randomBytes } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storedObject } from "../testing/stored-object.ts";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";
import { formatByteRange, parseByteRange } from "./byte-range.ts";
import { downloadRange } from "./download-range.ts";
import { openFileTarget } from "./file-target.ts";

const BYTES = randomBytes(300_000);

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
  test.store.objects.set("k", storedObject(BYTES));
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function get(text: string): Promise<Buffer> {
  const range = parseByteRange(text);
  if (range === undefined) throw new TypeError(`${text} is no range`);
  const target = await openFileTarget(join(test.directory, "target"), false);
  await downloadRange({ key: "k", range, target }, test.world);
  return await readFile(join(test.directory, "target"));
}

describe("a byte range", () => {
  it.each(["", "-", "5-4", "-0", "a-b", "1-2-3", " 1-2", "1", "9999999999999999-"])("is not %j", (text) => {
    expect(parseByteRange(text)).toBeUndefined();
  });

  it("is sent as it was written", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.constantFrom("both", "first", "last"), (first, length, which) => {
        const text =
          which === "both" ? `${first}-${first + length}` : which === "first" ? `${first}-` : `-${length + 1}`;
        const range = parseByteRange(text);
        expect(range === undefined ? undefined : formatByteRange(range)).toBe(`bytes=${text}`);
      }),
    );
  });
});

describe("a range of an object", () => {
  it.each([
    ["0-0", 0, 1],
    ["100-299", 100, 300],
    ["299999-", 299_999, 300_000],
    ["1000-9999999", 1000, 300_000],
    ["-10", 299_990, 300_000],
  ])("%s is these bytes", async (text, start, end) => {
    expect((await get(text)).equals(BYTES.subarray(start, end))).toBe(true);
  });

  it.each(["0-", "1000-200000", "-100000"])("%s that is cut goes on where it broke", async (text) => {
    test.store.failNext("cut", "cut", "slow-down");
    const whole = await get(text);
    expect(
      whole.equals(
        BYTES.subarray(
          text === "0-" ? 0 : text === "-100000" ? 200_000 : 1000,
          text === "1000-200000" ? 200_001 : undefined,
        ),
      ),
    ).toBe(true);
  });

  it("is not another one's that comes in between", async () => {
    test.store.failNext("replaced");
    await expect(get("0-200000")).rejects.toMatchObject({ code: "TransferFailed" });
    expect((await readdir(test.directory)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("that it does not have is an error that tells its size", async () => {
    await expect(get("300000-")).rejects.toMatchObject({ code: "Usage", reason: "it has 300000 bytes" });
  });

  it.each(["ignored-range", "wrong-range"] as const)(
    "is nothing that the store answers instead (%s)",
    async (fault) => {
      test.store.failNext(fault);
      await expect(get("10-20")).rejects.toMatchObject({ code: "UnsafeServer" });
    },
  );
});
