/** Uploads in parts against the doubles: what goes over the wire, what goes wrong, and what a second run goes on with. */
import { createHash, randomBytes } from "node:crypto";
import { utimesSync } from "node:fs";
import { readdir, readFile, utimes, writeFile, chmod } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { CliError } from "../cli-error.ts";
import type { SeenRequest } from "../testing/seen-request.ts";
import type { StoreFault } from "../testing/store-fault.ts";
import { crc32Base64, storedObject } from "../testing/stored-object.ts";
import { startTestWorld, type TestWorld, type TestWorldOptions } from "../testing/test-world.ts";
import { openFileSource } from "./source.ts";
import type { UploadRequest } from "./upload-headers.ts";
import type { UploadResult } from "./upload-result.ts";
import { upload } from "./upload.ts";

const PART = 64 * 1024;
/** Seven parts and a piece. */
const BYTES = randomBytes(7 * PART + 17);
const PARTS = 8;

let test: TestWorld;

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function begin(options: TestWorldOptions = {}): Promise<string> {
  test = await startTestWorld(options);
  const path = join(test.directory, "source");
  await writeFile(path, BYTES);
  return path;
}

async function put(path: string, extra: Partial<UploadRequest> = {}): Promise<UploadResult> {
  await using source = await openFileSource(path);
  const plain = { contentType: "text/plain", cacheControl: undefined, metadata: {}, noClobber: false } as const;
  return await upload({ source, key: "k", ...plain, checksum: "CRC32", partSize: PART, ...extra }, test.world);
}

async function failureOf(promise: Promise<unknown>): Promise<CliError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CliError) return error;
  throw new Error("it did not fail as expected", { cause: error });
}

function isPart({ method, target }: SeenRequest): boolean {
  return method === "PUT" && target.includes("partNumber=");
}

function isPartNumber(number: number): (request: SeenRequest) => boolean {
  return (request) => isPart(request) && request.target.includes(`partNumber=${number}&`);
}

function isCompletion({ method, target }: SeenRequest): boolean {
  return method === "POST" && target.includes("uploadId=");
}

function sentParts(): number[] {
  return test.store.seen
    .filter(isPart)
    .map(({ target }) => Number(/partNumber=(\d+)/u.exec(target)?.[1]))
    .toSorted((one, other) => one - other);
}

function expectStored(): void {
  expect(test.store.objects.get("k")?.bytes.equals(BYTES)).toBe(true);
}

async function journals(): Promise<string[]> {
  const names = await readdir(join(test.directory, "state", "uploads")).catch(() => []);
  return names.filter((name) => name.endsWith(".json"));
}

describe("an upload in parts", () => {
  it("sends each part once, completes with the size and checksum of the whole, and asks the API four times", async () => {
    const path = await begin();
    const result = await put(path);
    expectStored();
    expect(sentParts()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(result).toMatchObject({
      bytes: BYTES.byteLength,
      parts: PARTS,
      reused: 0,
      checksum: { algorithm: "CRC32", value: crc32Base64(BYTES) },
    });
    const completion = test.store.seen.find(isCompletion);
    expect(completion?.headers).toMatchObject({
      "x-amz-mp-object-size": String(BYTES.byteLength),
      "x-amz-checksum-crc32": crc32Base64(BYTES),
      "x-amz-checksum-type": "FULL_OBJECT",
    });
    expect(test.api.seen.map(({ method, target }) => `${method} ${target.split("?")[0]}`)).toEqual([
      "POST /.s3r/sign",
      "POST /.s3r/sign",
      "POST /k",
    ]);
    expect(await journals()).toEqual([]);
    expect(test.store.uploads.size).toBe(0);
  });

  it("keeps the type, the metadata and the condition, which belong to different requests", async () => {
    const path = await begin();
    await put(path, { metadata: { commit: "1" }, cacheControl: "no-store", noClobber: true });
    expect(test.store.objects.get("k")?.headers).toMatchObject({
      "content-type": "text/plain",
      "cache-control": "no-store",
      "x-amz-meta-commit": "1",
    });
    expect(test.store.seen.find(isCompletion)?.headers["if-none-match"]).toBe("*");
    expect(test.store.seen.filter(isPart).every(({ headers }) => headers["if-none-match"] === undefined)).toBe(true);
  });

  it("takes a part's size for the largest that goes up whole", async () => {
    const path = await begin();
    await writeFile(path, BYTES.subarray(0, PART));
    await put(path);
    expect(sentParts()).toEqual([]);
    expect(test.store.objects.get("k")?.bytes.byteLength).toBe(PART);
  });

  it("goes up whole through a bare redirector", async () => {
    const path = await begin({ bare: true });
    const result = await put(path);
    expectStored();
    expect(result.parts).toBeUndefined();
    expect(sentParts()).toEqual([]);
  });

  it("announces the checksum of each part when the API demands one", async () => {
    const path = await begin();
    const detail = "what is written here needs a checksum";
    test.api.refuseInBatch = ({ target, headers }) =>
      target.includes("partNumber") && headers["x-amz-checksum-crc32"] === undefined
        ? {
            status: 428,
            problem: {
              type: "about:blank",
              title: "",
              status: 428,
              detail,
              code: "PreconditionRequired",
              requestId: "",
            },
          }
        : undefined;
    await put(path);
    expectStored();
    expect(test.store.seen.filter(isPart).every(({ headers }) => headers["x-amz-checksum-crc32"] !== undefined)).toBe(
      true,
    );
  });

  it("announces the checksum of each part when the store demands one", async () => {
    const path = await begin();
    test.store.failWhen(isPart, "checksum-wanted");
    await put(path);
    expectStored();
  });

  it("is a composite of the parts' SHA-256 when that is asked for", async () => {
    const path = await begin();
    const result = await put(path, { checksum: "SHA256" });
    expectStored();
    const hashes = Array.from({ length: PARTS }, (_, index) =>
      createHash("sha256")
        .update(BYTES.subarray(index * PART, (index + 1) * PART))
        .digest(),
    );
    const composite = createHash("sha256").update(Buffer.concat(hashes)).digest("base64");
    expect(result.checksum).toEqual({ algorithm: "SHA256", value: `${composite}-${PARTS}` });
    const sent = test.store.seen.filter(isPart);
    expect(sent.every(({ headers }) => headers["x-amz-checksum-sha256"] !== undefined)).toBe(true);
  });

  it.each([-1, 1])("D14: works on a machine whose clock is %i day off", async (days) => {
    const path = await begin();
    const now = (): Date => new Date(Date.now() + days * 86_400_000);
    await using source = await openFileSource(path);
    const plain = { contentType: "a/b", cacheControl: undefined, metadata: {}, noClobber: false } as const;
    const request = { source, key: "k", ...plain, checksum: "CRC32", partSize: PART } as const;
    await upload(request, { ...test.world, now });
    expectStored();
    expect(sentParts()).toHaveLength(PARTS);
  });

  it("D35: is not hurt by connections that the store closes when they idle", async () => {
    const path = await begin();
    test.store.failWhen(() => true, ...Array.from({ length: 30 }, () => "closes" as const));
    await put(path);
    expectStored();
  });

  it("D11: uses no signature that has expired, though it waits longer than one lives", async () => {
    const path = await begin();
    test.api.expiresIn = 1;
    let clock = Date.now();
    // Every question takes as long as a signature lives.
    const now = (): Date => new Date((clock += 900));
    await using source = await openFileSource(path);
    const plain = { contentType: "a/b", cacheControl: undefined, metadata: {}, noClobber: false } as const;
    await upload({ source, key: "k", ...plain, checksum: "CRC32", partSize: PART }, { ...test.world, now });
    expectStored();
    expect(sentParts()).toHaveLength(PARTS);
  });

  it("signs anew what has lost most of its life", async () => {
    const path = await begin();
    test.api.expiresIn = 0;
    await put(path);
    expectStored();
  });
});

describe("a part", () => {
  it.each<[string, ...StoreFault[]]>([
    ["D1: 503 SlowDown", "slow-down"],
    ["D4: 500", "internal-error"],
    ["D4: 502", "bad-gateway"],
    ["D5: RequestTimeout", "request-timeout"],
    ["D6: BadDigest", "bad-digest"],
    ["D7: reset at half", "reset-at-half"],
    ["D7: reset after the last byte", "lost-answer"],
    ["D10: an expired URL", "expired-url"],
    ["D12: ExpiredToken", "expired-token"],
    ["D32: a bit that flips on the way", "flipped-on-the-way"],
  ])("%s is sent again, and no other", async (_title, ...faults) => {
    const path = await begin();
    test.store.failWhen(isPartNumber(3), ...faults);
    await put(path);
    expectStored();
    expect(sentParts()).toEqual([1, 2, 3, 3, 4, 5, 6, 7, 8]);
  });

  it("D53: never goes out as nothing when it is sent again", async () => {
    const path = await begin();
    test.store.failWhen(isPart, "reset-at-half", "lost-answer", "slow-down", "internal-error", "reset-at-half");
    await put(path);
    expectStored();
    expect(test.store.seen.filter(isPart).every(({ headers }) => Number(headers["content-length"]) > 0)).toBe(true);
  });

  it("D2, D8: that never arrives ends it with 7, and what is there is kept for the next run", async () => {
    const path = await begin({ retries: 1 });
    test.store.failWhen(isPartNumber(5), "slow-down", "slow-down");
    const error = await failureOf(put(path));
    expect(error.code).toBe("Unavailable");
    expect(error.hint).toContain("the same command goes on");
    expect(test.store.objects.has("k")).toBe(false);
    expect(await journals()).toHaveLength(1);
    const before = sentParts().length;
    const result = await put(path);
    expectStored();
    expect(sentParts().length - before).toBeLessThan(PARTS);
    expect(result.reused).toBeGreaterThan(0);
    expect(await journals()).toEqual([]);
  });
});

/** A first one that stops after some parts. */
async function interrupted(): Promise<string> {
  const path = await begin({ retries: 0 });
  test.store.failWhen(isPartNumber(6), "internal-error");
  await failureOf(put(path));
  return path;
}

describe("a second run", () => {
  it("sends what is missing only", async () => {
    const path = await interrupted();
    const there = [...test.store.uploads.values()][0]?.parts.size ?? 0;
    const before = sentParts().length;
    await put(path);
    expectStored();
    expect(sentParts().length - before).toBe(PARTS - there);
  });

  it("sends a part again that is not what the file has there", async () => {
    const path = await interrupted();
    const [upload_] = test.store.uploads.values();
    const wrong = randomBytes(PART);
    upload_?.parts.set(1, { bytes: wrong, etag: storedObject(wrong).etag });
    await put(path);
    expectStored();
  });

  it("begins anew, and gives back the old one, when the file has changed", async () => {
    const path = await interrupted();
    const [old] = test.store.uploads.keys();
    await utimes(path, 1, 1);
    await put(path);
    expectStored();
    expect(sentParts().slice(0, 2)).toEqual([1, 1]);
    expect(test.store.uploads.has(old ?? "")).toBe(false);
  });

  it("begins anew when something else is asked of it", async () => {
    const path = await interrupted();
    const result = await put(path, { metadata: { a: "b" } });
    expect(result.reused).toBe(0);
    expect(test.store.objects.get("k")?.headers["x-amz-meta-a"]).toBe("b");
  });

  it("D19: begins anew when the upload is gone", async () => {
    const path = await interrupted();
    test.store.failWhen(({ method, target }) => method === "GET" && target.includes("uploadId="), "no-such-upload");
    const result = await put(path);
    expectStored();
    expect(result.reused).toBe(0);
  });

  it("sends nothing when the earlier one was ended just after it was complete", async () => {
    const path = await interrupted();
    const [name = ""] = await journals();
    const journal = join(test.directory, "state", "uploads", name);
    const left = await readFile(journal);
    await put(path);
    await writeFile(journal, left, { mode: 0o600 });
    const before = sentParts().length;
    expect(await put(path)).toMatchObject({ bytes: BYTES.byteLength, reused: BYTES.byteLength });
    expect(sentParts()).toHaveLength(before);
    expect(await journals()).toEqual([]);
  });

  it("D40: takes no journal that others could write, or that makes no sense", async () => {
    const path = await interrupted();
    const [name = ""] = await journals();
    const journal = join(test.directory, "state", "uploads", name);
    const good = await readFile(journal, "utf8");
    await chmod(journal, 0o644);
    expect((await put(path)).reused).toBe(0);
    expectStored();
    await writeFile(journal, good.replace('"version":1', '"version":2'), { mode: 0o600 });
    expect((await put(path)).reused).toBe(0);
  });

  it("D38: of two at once both are right", async () => {
    const path = await begin();
    const results = await Promise.all([put(path), put(path)]);
    expectStored();
    expect(results.map(({ parts }) => parts)).toEqual([PARTS, PARTS]);
    expect(await journals()).toEqual([]);
  });

  it("P7: makes the right object whatever is in the journal", async () => {
    const path = await interrupted();
    const [name = ""] = await journals();
    const journal = join(test.directory, "state", "uploads", name);
    const good = await readFile(journal);
    const damage = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.nat(good.byteLength - 1).map((at) => {
        const copy = Buffer.from(good);
        copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
        return copy;
      }),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (bytes) => {
        await writeFile(journal, bytes, { mode: 0o600 });
        test.store.objects.clear();
        await put(path);
        expectStored();
      }),
      { numRuns: 40 },
    );
  });
});

describe("completing", () => {
  it.each<[string, ...StoreFault[]]>([
    ["D15: 200 with an error in it", "late-error"],
    ["D16: 200 with nothing", "empty-answer"],
    ["D16: an answer that is cut off", "cut-answer"],
    ["D17: a lost answer", "lost-answer"],
    ["D4: 500", "internal-error"],
    ["D1: 503", "slow-down"],
    ["D10: an expired URL", "expired-url"],
    ["D20: parts that the store does not have", "invalid-part"],
    ["D22: a conflict", "conflict"],
    ["D18: an upload that was aborted elsewhere", "no-such-upload"],
  ])("%s ends in the right object", async (_title, ...faults) => {
    const path = await begin();
    test.store.failWhen(isCompletion, ...faults);
    const result = await put(path);
    expectStored();
    expect(result.checksum.value).toBe(crc32Base64(BYTES));
    expect(await journals()).toEqual([]);
  });

  it("D18: never takes another's object for its own", async () => {
    const path = await begin({ retries: 1 });
    const foreign = storedObject(randomBytes(BYTES.byteLength));
    test.store.objects.set("k", foreign);
    test.store.failWhen(isCompletion, "empty-answer", "no-such-upload", "empty-answer", "no-such-upload");
    await failureOf(put(path));
    expect(test.store.objects.get("k")).toBe(foreign);
  });

  it("D21: with --no-clobber fails with 6 when the object is there, and gives the parts back", async () => {
    const path = await begin();
    const foreign = storedObject(Buffer.from("foreign"));
    test.store.objects.set("k", foreign);
    const error = await failureOf(put(path, { noClobber: true }));
    expect(error.code).toBe("PreconditionFailed");
    expect(test.store.objects.get("k")).toBe(foreign);
    expect(test.store.uploads.size).toBe(0);
    expect(await journals()).toEqual([]);
  });

  it("D21: with --no-clobber succeeds when it is its own object that is there", async () => {
    const path = await begin();
    test.store.failWhen(isCompletion, "lost-answer");
    await put(path, { noClobber: true });
    expectStored();
  });

  it("D39: does not happen when the file changes meanwhile", async () => {
    const path = await begin();
    test.api.respond = () => {
      utimesSync(path, 1, Date.now());
      return undefined;
    };
    const error = await failureOf(put(path));
    expect(error.code).toBe("LocalIo");
    expect(test.store.objects.has("k")).toBe(false);
    expect(test.store.uploads.size).toBe(0);
  });

  it("D36: is left to another run after an interruption", async () => {
    const path = await begin();
    test.store.failWhen(isPartNumber(2), "stall");
    const running = failureOf(put(path));
    setTimeout(() => test.interruption.abort(new CliError("Interrupted", "interrupted")), 200);
    const error = await running;
    expect(error.code).toBe("Interrupted");
    expect(error.hint).toContain("the same command goes on");
    expect(await journals()).toHaveLength(1);
    expect(test.store.uploads.size).toBe(1);
  });
});

it("P5: any schedule of faults ends with the same bytes, or with an error and nothing changed", async () => {
  const path = await begin({ retries: 3, timeoutMilliseconds: 2000 });
  const faults = fc.array(
    fc.constantFrom<StoreFault>(
      "slow-down",
      "internal-error",
      "bad-gateway",
      "request-timeout",
      "bad-digest",
      "expired-url",
      "expired-token",
      "reset-at-half",
      "lost-answer",
      "flipped-on-the-way",
      "late-error",
      "cut-answer",
      "empty-answer",
      "no-such-upload",
      "invalid-part",
      "denied",
    ),
    { maxLength: 14 },
  );
  const outcomes = { stored: 0, failed: 0 };
  await fc.assert(
    fc.asyncProperty(faults, async (schedule) => {
      test.store.objects.clear();
      const old = storedObject(Buffer.from("old"));
      test.store.objects.set("k", old);
      test.store.failNext(...schedule);
      const failed = await put(path).then(
        () => false,
        () => true,
      );
      test.store.clearFaults();
      outcomes[failed ? "failed" : "stored"] += 1;
      const now = test.store.objects.get("k")?.bytes;
      expect(now?.equals(BYTES) === true || (failed && now?.equals(old.bytes) === true)).toBe(true);
    }),
    { numRuns: 60 },
  );
  expect(outcomes.stored).toBeGreaterThan(10);
  expect(outcomes.failed).toBeGreaterThan(3);
});
