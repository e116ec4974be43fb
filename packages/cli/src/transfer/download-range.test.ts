import { randomBytes } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storedObject } from "../testing/stored-object.ts";
import type { StoreFault } from "../testing/store-fault.ts";
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

  it("that breaks behind its last byte is whole", async () => {
    test.store.failNext("unterminated");
    expect((await get("1000-2000")).equals(BYTES.subarray(1000, 2001))).toBe(true);
    expect(test.store.seen).toHaveLength(1);
  });

  it("D28: of an object without a strong ETag begins anew", async () => {
    test.store.objects.set("k", { ...storedObject(BYTES), etag: 'W/"1"' });
    test.store.failNext("cut");
    expect((await get("1000-2000")).equals(BYTES.subarray(1000, 2001))).toBe(true);
    expect(test.store.seen.map(({ headers }) => headers["range"])).toEqual(["bytes=1000-2000", "bytes=1000-2000"]);
  });

  it("D27: does not go on with another object, though the store sends it whatever was asked", async () => {
    test.store.failNext("cut", "ignored-match");
    await expect(get("0-200000")).rejects.toMatchObject({ code: "TransferFailed" });
    expect(await readdir(test.directory)).toEqual([]);
  });

  it("D29: with more bytes than it has is not taken", async () => {
    test.store.failNext(...Array.from({ length: 3 }, () => "extra-bytes" as const));
    await expect(get("0-200000")).rejects.toMatchObject({ code: "IntegrityMismatch" });
    expect(await readdir(test.directory)).toEqual([]);
  });

  it("P5: is these bytes or an error, whatever breaks and wherever", async () => {
    const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const fault: fc.Arbitrary<StoreFault> = fc.oneof(
      fc.constantFrom<StoreFault>(
        "slow-down",
        "expired-url",
        "wrong-range",
        "ignored-match",
        "extra-bytes",
        "no-length",
      ),
      fc.tuple(fc.constantFrom("cut", "reset"), share).map(([what, at]): StoreFault => `${what}@${at}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 6 }), async (schedule) => {
        const other = storedObject(BYTES);
        test.store.objects.set("k", other);
        test.store.failNext(...schedule);
        const got = await get("5-299000").catch(() => undefined);
        test.store.clearFaults();
        const bytes = test.store.objects.get("k")?.bytes ?? BYTES;
        expect(got?.equals(bytes.subarray(5, 299_001)) ?? true).toBe(true);
      }),
      { numRuns: 60 },
    );
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
