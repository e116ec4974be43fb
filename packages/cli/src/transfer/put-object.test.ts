/** Uploads against the doubles: the faults of a store and of the network, by name. */
import { createHash, randomBytes } from "node:crypto";
import { appendFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { StoreFault } from "../testing/store-fault.ts";
import { crc32Base64, storedObject } from "../testing/stored-object.ts";
import { startTestWorld, type TestWorld, type TestWorldOptions } from "../testing/test-world.ts";
import { createBufferSource, openFileSource } from "./source.ts";
import type { UploadRequest } from "./upload-headers.ts";
import type { UploadResult } from "./upload-result.ts";
import { upload } from "./upload.ts";

const BYTES = randomBytes(3 * 1024 * 1024 + 17);

let test: TestWorld;

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function begin(options: TestWorldOptions = {}): Promise<void> {
  test = await startTestWorld(options);
}

async function uploadBytes(bytes: Buffer, key = "k", extra: Partial<UploadRequest> = {}): Promise<UploadResult> {
  const path = join(test.directory, "source");
  await writeFile(path, bytes);
  await using source = await openFileSource(path);
  const plain = {
    contentType: "text/plain",
    cacheControl: undefined,
    metadata: {},
    noClobber: false,
    checksum: "CRC32",
    partSize: undefined,
  } as const;
  return await upload({ source, key, ...plain, ...extra }, test.world);
}

function puts(): readonly (string | undefined)[] {
  return test.store.seen.filter(({ method }) => method === "PUT").map(({ headers }) => headers["content-length"]);
}

describe("an upload", () => {
  it.each([0, 1, 64 * 1024 - 1, 1024 * 1024, BYTES.byteLength])("stores %i bytes as they are", async (size) => {
    await begin();
    const bytes = BYTES.subarray(0, size);
    const result = await uploadBytes(bytes);
    expect(test.store.objects.get("k")?.bytes.equals(bytes)).toBe(true);
    expect(result).toMatchObject({
      bytes: size,
      checksum: { algorithm: "CRC32", value: crc32Base64(bytes) },
      attempts: 1,
    });
    expect(puts()).toEqual([String(size)]);
  });

  it.each([
    "a b",
    "a+b",
    "100%",
    "~x",
    "é",
    "日本語",
    "😀",
    "(1).txt",
    "a&b=c",
    "a?b",
    "a#b",
    "%2e%2e",
    "k".repeat(1024),
  ])("keeps the key %s", async (key) => {
    await begin();
    await uploadBytes(Buffer.from("hello"), key);
    expect([...test.store.objects.keys()]).toEqual([key]);
  });

  it("D43: asks the API without a body, and tells it what it will send", async () => {
    await begin();
    await uploadBytes(BYTES, "k", { cacheControl: "no-cache", metadata: { commit: "4f2a" }, noClobber: true });
    expect(test.api.seen[0]?.headers).toMatchObject({
      "content-length": "0",
      "s3r-content-length": String(BYTES.byteLength),
      "content-type": "text/plain",
      "cache-control": "no-cache",
      "if-none-match": "*",
      "x-amz-meta-commit": "4f2a",
      "x-amz-checksum-crc32": crc32Base64(BYTES),
    });
    expect(test.store.objects.get("k")?.headers).toMatchObject({
      "x-amz-meta-commit": "4f2a",
      "cache-control": "no-cache",
    });
  });

  it("sends no token, no cookie and no header of s3r's own to the store", async () => {
    await begin();
    await uploadBytes(BYTES);
    expect(test.api.seen[0]?.headers["authorization"]).toBe("Basic c2VjcmV0");
    const names = Object.keys(test.store.seen[0]?.headers ?? {});
    expect(names.filter((name) => /^(?:authorization|cookie|x-api-key|s3r-.*)$/u.test(name))).toEqual([]);
  });

  it("says nothing of the URL's query in its traces", async () => {
    await begin();
    await uploadBytes(BYTES);
    expect(test.traced.join("\n")).toContain("/bucket/k");
    expect(test.traced.join("\n")).not.toMatch(/X-Amz-/iu);
  });
});

describe("an upload that fails", () => {
  it.each<readonly [StoreFault, readonly number[]]>([
    ["slow-down", [500]],
    ["retry-after", [2000]],
    ["internal-error", [125]],
    ["bad-gateway", [125]],
    ["request-timeout", [125]],
    ["bad-digest", [125]],
    ["conflict", [125]],
    ["skewed", [125]],
    ["expired-url", [0]],
    ["expired-token", [0]],
    ["reset-at-half", [125]],
    ["lost-answer", [125]],
  ])(
    "D1, D3 to D7, D10, D12, D13, D22: by %s is tried again with a new URL and the whole body",
    async (fault, waits) => {
      await begin();
      test.store.failNext(fault);
      const result = await uploadBytes(BYTES);
      expect(result.attempts).toBe(2);
      expect(test.store.objects.get("k")?.bytes.equals(BYTES)).toBe(true);
      expect(test.waits).toEqual(waits);
      expect(puts()).toEqual([String(BYTES.byteLength), String(BYTES.byteLength)]);
      expect(new Set(test.store.seen.map(({ target }) => target)).size).toBe(2);
    },
  );

  it.each<readonly [StoreFault, string, number]>([
    ["denied", "Forbidden", 1],
    ["wrong-region", "UnsafeServer", 1],
    ["moved-for-a-while", "UnsafeServer", 1],
    ["retry-after-an-hour", "Unavailable", 1],
    ["slow-down", "Unavailable", 3],
    ["bad-digest", "IntegrityMismatch", 3],
    ["reset-at-half", "Unavailable", 3],
  ])("D2, D3, D6, D8, D23, D24: by %s for ever ends as %s after %i attempts", async (fault, code, attempts) => {
    await begin({ retries: 2 });
    test.store.failNext(...Array.from({ length: 9 }, () => fault));
    await expect(uploadBytes(BYTES)).rejects.toMatchObject({ code });
    expect(puts()).toHaveLength(attempts);
    expect(test.store.objects.size).toBe(0);
  });

  it("is told no more than twice of a digest that differs, whatever the retries", async () => {
    await begin({ retries: 9 });
    test.store.failNext(...Array.from({ length: 9 }, () => "bad-digest" as const));
    await expect(uploadBytes(BYTES)).rejects.toMatchObject({ code: "IntegrityMismatch", exitCode: 8 });
    expect(puts()).toHaveLength(3);
  });

  it("is not tried again without retries", async () => {
    await begin({ retries: 0 });
    test.store.failNext("slow-down");
    await expect(uploadBytes(BYTES)).rejects.toMatchObject({ code: "Unavailable", exitCode: 7 });
    expect(puts()).toHaveLength(1);
  });

  it.each(["early-denied", "denied-at-8-kib"] as const)(
    "D9: shows what the store said when it refused early and closed (%s)",
    async (fault) => {
      // The first answer may be overtaken by the reset; the second attempt waits for it.
      await begin({ retries: 1 });
      test.store.failNext(fault, fault);
      await expect(uploadBytes(Buffer.concat(Array.from({ length: 8 }, () => BYTES)))).rejects.toMatchObject({
        code: "Forbidden",
        reason: "AccessDenied: Access Denied",
      });
    },
  );

  it("D33: is given up when nothing moves for the timeout", async () => {
    await begin({ retries: 0, timeoutMilliseconds: 300 });
    test.store.failNext("stall");
    await expect(uploadBytes(Buffer.alloc(32 * 1024 * 1024))).rejects.toMatchObject({ code: "Unavailable" });
  });

  it("ends at once when it is interrupted", async () => {
    await begin();
    test.store.failNext("stall");
    const pending = uploadBytes(BYTES);
    const stopped = new Error("stopped");
    setTimeout(() => test.interruption.abort(stopped), 50);
    await expect(pending).rejects.toBe(stopped);
  });
});

describe("--no-clobber", () => {
  it("D21: refuses an object that is there", async () => {
    await begin();
    test.store.objects.set("k", storedObject(Buffer.from("old")));
    await expect(uploadBytes(BYTES, "k", { noClobber: true })).rejects.toMatchObject({
      code: "PreconditionFailed",
      exitCode: 6,
    });
    expect(test.store.objects.get("k")?.bytes.toString()).toBe("old");
  });

  it("refuses one with the same bytes too", async () => {
    await begin();
    test.store.objects.set("k", storedObject(BYTES));
    for (const fault of ["slow-down", "reset-at-half"] as const) {
      test.store.failNext(fault);
      await expect(uploadBytes(BYTES, "k", { noClobber: true })).rejects.toMatchObject({ code: "PreconditionFailed" });
    }
  });

  it("D21: knows its own object again when the answer was lost", async () => {
    await begin();
    test.store.failNext("lost-answer");
    expect(await uploadBytes(BYTES, "k", { noClobber: true })).toMatchObject({ attempts: 2, bytes: BYTES.byteLength });
  });
});

describe("a bare redirector", () => {
  it("gets an MD5 instead of the checksum that it does not sign", async () => {
    await begin({ bare: true });
    await uploadBytes(BYTES);
    const md5 = createHash("md5").update(BYTES).digest("base64");
    expect(test.store.seen[0]?.headers).toMatchObject({ "content-md5": md5, "content-type": "text/plain" });
    expect(Object.keys(test.store.seen[0]?.headers ?? {}).filter((name) => name.startsWith("x-amz-"))).toEqual([]);
  });

  it("is asked for no-clobber by an unsigned header", async () => {
    await begin({ bare: true });
    test.store.objects.set("k", storedObject(Buffer.from("old")));
    await expect(uploadBytes(BYTES, "k", { noClobber: true })).rejects.toMatchObject({ code: "PreconditionFailed" });
  });

  it("cannot keep metadata, and no byte is sent", async () => {
    await begin({ bare: true });
    await expect(uploadBytes(BYTES, "k", { metadata: { a: "1" } })).rejects.toMatchObject({ code: "UnsafeServer" });
    expect(test.store.seen).toEqual([]);
  });
});

describe("a source", () => {
  it("D39: that grows or shrinks while it is read is not stored", async () => {
    await begin();
    const path = join(test.directory, "changing");
    for (const change of [() => appendFile(path, "more"), () => truncate(path, 5)]) {
      await writeFile(path, BYTES);
      await using source = await openFileSource(path);
      const world = {
        ...test.world,
        resolve: async (...args: Parameters<typeof test.world.resolve>) => {
          await change();
          return await test.world.resolve(...args);
        },
      };
      const request = {
        source,
        key: "k",
        contentType: "a/b",
        cacheControl: undefined,
        metadata: {},
        noClobber: false,
        checksum: "CRC32",
        partSize: undefined,
      } as const;
      await expect(upload(request, world)).rejects.toMatchObject({ code: "LocalIo", exitCode: 10 });
      expect(test.store.objects.size).toBe(0);
    }
  });

  it("of bytes in memory is sent as often as it takes", async () => {
    await begin();
    test.store.failNext("reset-at-half", "slow-down");
    const source = createBufferSource(BYTES, "stdin");
    await upload(
      {
        source,
        key: "k",
        contentType: "a/b",
        cacheControl: undefined,
        metadata: {},
        noClobber: false,
        checksum: "CRC32",
        partSize: undefined,
      },
      test.world,
    );
    expect(test.store.objects.get("k")?.bytes.equals(BYTES)).toBe(true);
  });
});
