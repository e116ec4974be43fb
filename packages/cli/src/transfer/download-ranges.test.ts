/** Large objects in ranges against the doubles: what breaks, what is wrong, and what a second run goes on with. */
import { randomBytes } from "node:crypto";
import { chmod, open, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createChecksum, type ChecksumAlgorithm } from "@s3r/shared/checksum";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { CliError } from "../cli-error.ts";
import type { SeenRequest } from "../testing/seen-request.ts";
import type { StoreFault } from "../testing/store-fault.ts";
import { storedObject } from "../testing/stored-object.ts";
import { startTestWorld, type TestWorld, type TestWorldOptions } from "../testing/test-world.ts";
import { download, type DownloadResult } from "./download.ts";
import { openFileTarget } from "./file-target.ts";
import { DEFAULT_PART_BYTES } from "./part-plan.ts";

const PART = 64 * 1024;
/** Seven parts and a piece. */
const BYTES = randomBytes(7 * PART + 17);
const PARTS = 8;

let test: TestWorld;

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function begin(options: TestWorldOptions = {}, headers: Record<string, string> = {}): Promise<void> {
  test = await startTestWorld({ bigRead: true, ...options });
  test.store.objects.set("k", storedObject(BYTES, headers));
}

function targetPath(): string {
  return join(test.directory, "target");
}

async function get(partSize = PART): Promise<DownloadResult> {
  const target = await openFileTarget(targetPath(), false);
  return await download({ key: "k", target, partSize }, test.world);
}

async function failureOf(promise: Promise<unknown>): Promise<CliError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CliError) return error;
  throw new Error("it did not fail as expected", { cause: error });
}

async function expectGot(bytes: Uint8Array = BYTES): Promise<void> {
  expect((await readFile(targetPath())).equals(bytes)).toBe(true);
  expect((await readdir(test.directory)).filter((name) => name !== "state")).toEqual(["target"]);
  expect(await records()).toEqual([]);
}

async function records(): Promise<string[]> {
  return await readdir(join(test.directory, "state", "downloads")).catch(() => []);
}

async function recordPath(): Promise<string> {
  const name = (await records()).find((each) => each.endsWith(".json"));
  return join(test.directory, "state", "downloads", name ?? "");
}

async function partials(): Promise<string[]> {
  return (await readdir(test.directory)).filter((name) => name.endsWith(".part"));
}

function isRange(number: number): (request: SeenRequest) => boolean {
  const prefix = `bytes=${(number - 1) * PART}-`;
  return ({ headers }) => headers["range"]?.startsWith(prefix) === true;
}

function askedRanges(): string[] {
  return test.store.seen.map(({ headers }) => headers["range"] ?? "all").toSorted();
}

/** What the record says is there. */
async function noted(): Promise<readonly unknown[]> {
  const [, ...notes] = (await readFile(await recordPath(), "utf8")).trimEnd().split("\n");
  return notes.map((note): unknown => JSON.parse(note));
}

/** A first run that ends after some parts. */
async function interrupted(headers: Record<string, string> = {}): Promise<void> {
  await begin({ retries: 0 }, headers);
  test.store.failWhen(isRange(6), "internal-error");
  const error = await failureOf(get());
  expect(error).toMatchObject({ code: "Unavailable" });
  expect(error.hint).toContain("the same command goes on");
}

describe("a large object", () => {
  it("comes in ranges of one version, with one signature, and is verified as a whole", async () => {
    await begin();
    const result = await get();
    await expectGot();
    expect(result).toMatchObject({
      bytes: BYTES.byteLength,
      parts: PARTS,
      reused: 0,
      checksum: { algorithm: "CRC32" },
    });
    expect(askedRanges()).toHaveLength(PARTS);
    const etag = test.store.objects.get("k")?.etag;
    const ranges = test.store.seen.filter(({ headers }) => headers["range"] !== undefined);
    expect(ranges.every(({ headers }) => headers["if-match"] === etag)).toBe(true);
    expect(test.api.seen).toHaveLength(1);
  });

  it.each<ChecksumAlgorithm>(["CRC32C", "CRC64NVME", "SHA1", "SHA256"])("is held against its %s", async (algorithm) => {
    const checksum = await createChecksum(algorithm);
    checksum.update(BYTES);
    const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
    await begin();
    const { bytes, etag } = storedObject(BYTES);
    test.store.objects.set("k", { bytes, etag, headers: { [header]: checksum.digest() } });
    expect(await get()).toMatchObject({ checksum: { algorithm } });
    await expectGot();
    test.store.objects.set("k", {
      bytes: randomBytes(BYTES.byteLength),
      etag,
      headers: test.store.objects.get("k")?.headers ?? {},
    });
    expect(await failureOf(get())).toMatchObject({ code: "IntegrityMismatch" });
    await expectGot();
  });

  it("with a composite checksum is held against its size alone", async () => {
    await begin({}, { "x-amz-checksum-crc32": "AAAAAA==-3" });
    expect(await get()).toMatchObject({ parts: PARTS, checksum: undefined });
    await expectGot();
  });

  it("keeps holes, which take no room", async () => {
    await begin();
    const sparse = Buffer.alloc(40 * PART);
    sparse.set(BYTES.subarray(0, PART), 20 * PART);
    test.store.objects.set("k", storedObject(sparse));
    await get();
    await expectGot(sparse);
    expect((await stat(targetPath())).blocks * 512).toBeLessThan(10 * PART);
  });

  it.each([undefined, 'W/"weak"'])("D28: without a strong ETag (%s) comes in one piece", async (etag) => {
    await begin();
    test.store.objects.set("k", { ...storedObject(BYTES), etag: etag ?? "" });
    expect((await get()).parts).toBeUndefined();
    await expectGot();
  });
});

describe("a range", () => {
  it.each<[string, ...StoreFault[]]>([
    ["D26: that is cut", "cut", "cut"],
    ["D26: that is cut before its first byte, and near its last", "cut@0", "cut@0.99"],
    ["D26: that is reset", "reset@0.7", "reset@0.1"],
    ["D26: that breaks behind its last byte", "unterminated"],
    ["D29: with more bytes than it has", "extra-bytes"],
    ["D1: throttled", "slow-down"],
    ["D4: refused with 500", "internal-error"],
    ["D10: with an expired URL", "expired-url"],
    ["D29: with another start", "wrong-range"],
  ])("%s is got again, and goes on where it broke", async (_title, ...faults) => {
    await begin();
    test.store.failWhen(isRange(4), ...faults);
    await get();
    await expectGot();
    expect(askedRanges().filter((range) => range === "all")).toHaveLength(1);
  });

  it("D26: of the first answer that is cut goes on where it broke", async () => {
    await begin();
    test.store.failWhen(({ headers }) => headers["range"] === undefined, "cut");
    await get();
    await expectGot();
  });

  it("D29: that is answered with the whole object makes it come in one piece", async () => {
    await begin();
    test.store.failWhen(isRange(3), "ignored-range");
    expect((await get()).parts).toBeUndefined();
    await expectGot();
  });

  it("D32: with a bit that flipped makes all of it come again", async () => {
    await begin();
    test.store.failWhen(isRange(5), "flipped-bit");
    await get();
    await expectGot();
  });

  it("D32: that is always wrong ends with 8 and leaves the old file", async () => {
    await begin();
    await writeFile(targetPath(), "old");
    test.store.failWhen(isRange(5), ...Array.from({ length: 9 }, () => "flipped-bit" as const));
    expect(await failureOf(get())).toMatchObject({ code: "IntegrityMismatch" });
    expect(await readFile(targetPath(), "utf8")).toBe("old");
    expect(await partials()).toEqual([]);
  });

  it("D27: of an object that was replaced meanwhile is never mixed with another's", async () => {
    await begin();
    test.store.failWhen(isRange(4), "replaced");
    await get();
    await expectGot(test.store.objects.get("k")?.bytes ?? new Uint8Array());
  });

  it("D27: of another object is not taken, though the store sends it whatever was asked", async () => {
    await begin();
    test.store.failWhen(isRange(4), "ignored-match");
    await get();
    await expectGot(test.store.objects.get("k")?.bytes);
  });

  it("D29: that always has more bytes than it should ends with 8", async () => {
    await begin();
    test.store.failWhen(isRange(5), ...Array.from({ length: 9 }, () => "extra-bytes" as const));
    expect(await failureOf(get())).toMatchObject({ code: "IntegrityMismatch" });
  });

  it("ends the others at once when it has failed for good", async () => {
    await begin();
    test.store.failWhen(isRange(2), "denied");
    test.store.failWhen(isRange(3), "denied");
    expect(await failureOf(get())).toMatchObject({ code: "Forbidden" });
    expect(askedRanges().length).toBeLessThan(PARTS);
  });

  it("D33: that stalls is got again by itself", async () => {
    await begin({ timeoutMilliseconds: 300 });
    test.store.failWhen(isRange(4), "stall");
    await get();
    await expectGot();
    expect(askedRanges()).toHaveLength(PARTS + 1);
  });
});

describe("a second run", () => {
  it("gets what is missing only, and verifies the whole", async () => {
    await interrupted();
    expect(await partials()).toHaveLength(1);
    const before = test.store.seen.length;
    const result = await get();
    await expectGot();
    expect(result.reused).toBeGreaterThanOrEqual(PART);
    const asked = test.store.seen.slice(before).filter(({ headers }) => headers["range"] !== undefined);
    expect(asked.length).toBeLessThan(PARTS - 1);
  });

  it.each([
    ["with a checksum of the whole", {}],
    ["with none that is of the whole", { "x-amz-checksum-crc32": "AAAAAA==-3" }],
  ])("(%s) gets again what was damaged meanwhile, and no more", async (_title, headers) => {
    await interrupted(headers);
    const [partial = ""] = await partials();
    await using file = await open(join(test.directory, partial), "r+");
    await file.write("another", 5);
    const numbers = (await noted()).map((part) => (Array.isArray(part) ? Number(part[0]) : 0));
    const sizes = numbers.map((number) => (number === PARTS ? BYTES.byteLength % PART : PART));
    expect((await get()).reused).toBe(sizes.reduce((sum, size) => sum + size) - PART);
    await expectGot();
  });

  it("goes on with what is left of a file of very many parts", async () => {
    await begin({ retries: 0 });
    const few = BYTES.subarray(0, 3000 * 100);
    test.store.objects.set("k", storedObject(few));
    test.store.failWhen(({ headers }) => headers["range"]?.startsWith("bytes=100000-") === true, "internal-error");
    await failureOf(get(100));
    const whole = (await noted()).length;
    expect(whole).toBeGreaterThan(900);
    const result = await get(100);
    expect(result.reused).toBe(whole * 100);
    await expectGot(few);
  });

  it("loses nothing of what an earlier one has left when it ends early itself", async () => {
    await interrupted();
    const before = await noted();
    test.store.failNext("no-length");
    expect(await failureOf(get())).toMatchObject({ code: "UnsafeServer" });
    test.store.failWhen(({ headers }) => headers["range"] !== undefined, "internal-error");
    await failureOf(get());
    expect((await noted()).length).toBeGreaterThanOrEqual(before.length);
    expect((await get()).reused).toBeGreaterThan((before.length - 1) * PART);
    await expectGot();
  });

  it("does not follow a link that has been put in its place", async () => {
    await interrupted();
    const [partial = ""] = await partials();
    const elsewhere = join(test.directory, "elsewhere");
    await rename(join(test.directory, partial), elsewhere);
    const before = await readFile(elsewhere);
    await symlink(elsewhere, join(test.directory, partial));
    expect((await get()).reused).toBe(0);
    expect((await readFile(elsewhere)).equals(before)).toBe(true);
    await rm(elsewhere);
    await expectGot();
  });

  it("finds nothing when no part was whole", async () => {
    await begin({ retries: 0 });
    test.store.failNext(...Array.from({ length: PARTS }, () => "cut@0.01" as const));
    expect((await failureOf(get())).hint).not.toContain("the same command");
    expect(await partials()).toEqual([]);
    expect(await records()).toEqual([]);
  });

  it("begins anew when the partial file is shorter, or gone", async () => {
    await interrupted();
    const [partial = ""] = await partials();
    await truncate(join(test.directory, partial), 100);
    expect((await get()).reused).toBe(0);
    await expectGot();
  });

  it("begins anew when another object is there", async () => {
    await interrupted();
    const other = randomBytes(BYTES.byteLength);
    test.store.objects.set("k", storedObject(other));
    expect((await get()).reused).toBe(0);
    await expectGot(other);
  });

  it("D40: takes no record that others could write", async () => {
    await interrupted();
    await chmod(await recordPath(), 0o644);
    expect((await get()).reused).toBe(0);
    await expectGot();
  });

  it("D38: of two at once both are right", async () => {
    await begin();
    const results = await Promise.all([get(), get()]);
    expect(results.map(({ parts }) => parts)).toEqual([PARTS, PARTS]);
    await expectGot();
  });

  it("P7: makes the right file whatever is in the record", async () => {
    await interrupted();
    const path = await recordPath();
    const good = await readFile(path, "utf8");
    const [partial = ""] = await partials();
    const bytes = await readFile(join(test.directory, partial));
    const values = [...good.matchAll(/[\w+/]{6}==/gu)].map(([value]) => value);
    expect(values.length).toBeGreaterThan(1);
    const damage = fc.oneof(
      fc.json(),
      fc
        .array(fc.tuple(fc.integer({ min: -2, max: 12 }), fc.constantFrom("AAAAAA==", "", ...values)))
        .map((notes) => [good.split("\n")[0], ...notes.map((note) => JSON.stringify(note)), ""].join("\n")),
      fc.nat(good.length).map((length) => good.slice(0, length)),
      fc.nat(good.length - 1).map((at) => `${good.slice(0, at)}x${good.slice(at + 1)}`),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (text) => {
        await writeFile(join(test.directory, partial), bytes);
        await writeFile(path, text, { mode: 0o600 });
        await get();
        await expectGot();
      }),
      { numRuns: 40 },
    );
  });

  it("D36: goes on after an interruption", async () => {
    await begin();
    test.store.failWhen(isRange(8), "stall");
    const running = failureOf(get());
    setTimeout(() => test.interruption.abort(new CliError("Interrupted", "interrupted")), 200);
    const error = await running;
    expect(error).toMatchObject({ code: "Interrupted" });
    expect(error.hint).toContain("the same command goes on");
    expect(await partials()).toHaveLength(1);
  });
});

/** The target as it has to deal with a disk that is full from a position on. */
async function getOntoFullDisk(from: number): Promise<DownloadResult> {
  const target = await openFileTarget(targetPath(), false);
  const full = new CliError("LocalIo", "cannot write", { reason: "no space left on the device", hint: "make room" });
  const openPartial: typeof target.openPartial = (place, identity) => {
    const file = target.openPartial?.(place, identity);
    if (file === undefined) throw new TypeError("a file takes bytes in any order");
    return {
      ...file,
      write(chunk, position) {
        if (position >= from) throw full;
        file.write(chunk, position);
      },
    };
  };
  return await download({ key: "k", target: { ...target, openPartial }, partSize: PART }, test.world);
}

describe("D41: a disk", () => {
  it("that becomes full ends it with 10, and what has come is gone on with", async () => {
    await begin();
    await writeFile(targetPath(), "old");
    const error = await failureOf(getOntoFullDisk(5 * PART));
    expect(error).toMatchObject({ code: "LocalIo", exitCode: 10 });
    expect(error.hint).toMatch(/^make room; \d+ % of it is here, and the same command goes on from there$/u);
    expect(await readFile(targetPath(), "utf8")).toBe("old");
    expect((await get()).reused).toBeGreaterThanOrEqual(PART);
    await expectGot();
  });

  it("that it cannot fit onto is told before it comes", async () => {
    await begin({}, { "content-length": "900000000000000" });
    expect(await failureOf(get(DEFAULT_PART_BYTES))).toMatchObject({
      code: "LocalIo",
      reason: expect.stringMatching(/^900000000000000 bytes are to come/u),
    });
    expect(test.store.seen).toHaveLength(1);
    expect(await partials()).toEqual([]);
    expect(await records()).toEqual([]);
  });

  it("where nothing can be remembered keeps nothing, and still gets it", async () => {
    await begin({ retries: 0 });
    await writeFile(join(test.directory, "state"), "no directory");
    test.store.failWhen(isRange(6), "internal-error");
    expect((await failureOf(get())).hint ?? "").not.toContain("the same command");
    expect(await readdir(test.directory)).toEqual(["state"]);
    await get();
    expect((await readFile(targetPath())).equals(BYTES)).toBe(true);
  });
});

const anyShare = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

it("D32: a bit that flips anywhere is noticed, always", async () => {
  await begin({ retries: 0 });
  await writeFile(targetPath(), "old");
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: PARTS }), anyShare, async (number, share) => {
      const isMeant = number === 1 ? ({ headers }: SeenRequest) => headers["range"] === undefined : isRange(number);
      // The first answer brings the first part alone.
      const where = number === 1 ? share / PARTS : share;
      test.store.failWhen(isMeant, ...Array.from({ length: 3 }, () => `flipped-bit@${where}` as const));
      expect(await failureOf(get())).toMatchObject({ code: "IntegrityMismatch" });
      test.store.clearFaults();
      expect(await readFile(targetPath(), "utf8")).toBe("old");
    }),
    { numRuns: 30 },
  );
});

const anyFault: fc.Arbitrary<StoreFault> = fc.oneof(
  fc.constantFrom<StoreFault>(
    "slow-down",
    "internal-error",
    "expired-url",
    "wrong-range",
    "ignored-range",
    "ignored-match",
    "extra-bytes",
    "unterminated",
    "replaced",
    "no-length",
    "denied",
  ),
  fc
    .tuple(fc.constantFrom("cut", "reset", "flipped-bit"), anyShare)
    .map(([what, share]): StoreFault => `${what}@${share}`),
);

it("P5: any schedule of faults gives the bytes of one object, or an error and the old file", async () => {
  await begin({ retries: 3, timeoutMilliseconds: 2000 });
  const outcomes = { got: 0, failed: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(anyFault, { maxLength: 14 }), async (schedule) => {
      await writeFile(targetPath(), "old");
      test.store.objects.set("k", storedObject(BYTES));
      test.store.failNext(...schedule);
      const failed = await get().then(
        () => false,
        () => true,
      );
      test.store.clearFaults();
      outcomes[failed ? "failed" : "got"] += 1;
      const now = await readFile(targetPath());
      expect(failed ? now.toString() === "old" : now.equals(test.store.objects.get("k")?.bytes ?? BYTES)).toBe(true);
    }),
    { numRuns: 60 },
  );
  expect(outcomes.got).toBeGreaterThan(5);
  expect(outcomes.failed).toBeGreaterThan(3);
});
