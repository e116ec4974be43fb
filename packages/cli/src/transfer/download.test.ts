/** Downloads against the doubles: what is cut is resumed, what is wrong never gets the target's name. */
import { randomBytes } from "node:crypto";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createChecksum } from "@s3r/shared/checksum";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { StoreFault } from "../testing/store-fault.ts";
import { storedObject } from "../testing/stored-object.ts";
import { startTestWorld, type TestWorld, type TestWorldOptions } from "../testing/test-world.ts";
import type { DownloadTarget } from "./download-target.ts";
import { download, type DownloadResult } from "./download.ts";
import { openFileTarget } from "./file-target.ts";

const BYTES = randomBytes(2 * 1024 * 1024 + 5);

let test: TestWorld;

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function begin(
  options: TestWorldOptions = {},
  bytes = BYTES,
  headers: Record<string, string> = {},
): Promise<void> {
  test = await startTestWorld(options);
  test.store.objects.set("k", storedObject(bytes, headers));
}

async function downloadFile(noClobber = false, name = "target"): Promise<DownloadResult> {
  const target = await openFileTarget(join(test.directory, name), noClobber);
  return await download({ key: "k", target }, test.world);
}

async function targetBytes(): Promise<Buffer> {
  return await readFile(join(test.directory, "target"));
}

/** Like a pipe: slow, and nothing in it can be taken back. */
function pipeTarget(taken: Buffer[]): DownloadTarget {
  return {
    name: "pipe",
    canRestart: false,
    async write(chunk) {
      taken.push(Buffer.from(chunk));
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    },
    restart: () => {},
    commit: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

function ranges(): readonly (string | undefined)[] {
  return test.store.seen.map(({ headers }) => headers["range"]);
}

const HALF = `bytes=${Math.ceil(BYTES.byteLength / 2)}-`;

describe("a download", () => {
  it.each([0, 1, 64 * 1024 - 1, BYTES.byteLength])("of %i bytes gives the file they are", async (size) => {
    const bytes = BYTES.subarray(0, size);
    await begin({}, bytes);
    expect(await downloadFile()).toMatchObject({ bytes: size, checksum: { algorithm: "CRC32" }, attempts: 1 });
    expect((await targetBytes()).equals(bytes)).toBe(true);
    expect(await readdir(test.directory)).toEqual(["target"]);
  });

  it("by large reads gives the same bytes, also when it is cut and begins anew", async () => {
    await begin({ bigRead: true }, randomBytes(24 * 1024 * 1024));
    test.store.failNext("flipped-bit", "cut", "cut");
    expect(await downloadFile()).toMatchObject({ attempts: 4 });
    expect((await targetBytes()).equals(test.store.objects.get("k")?.bytes ?? Buffer.alloc(0))).toBe(true);
  });

  it("waits for a target that is slow", async () => {
    await begin();
    const taken: Buffer[] = [];
    await download({ key: "k", target: pipeTarget(taken) }, test.world);
    expect(Buffer.concat(taken).equals(BYTES)).toBe(true);
  });

  it("D30: takes the bytes as they are stored, whatever their encoding", async () => {
    await begin({}, BYTES, { "content-encoding": "gzip" });
    await downloadFile();
    expect((await targetBytes()).equals(BYTES)).toBe(true);
    expect(test.store.seen[0]?.headers["accept-encoding"]).toBe("identity");
  });

  it("sends no token to the store", async () => {
    await begin();
    await downloadFile();
    expect(test.api.seen[0]?.headers["authorization"]).toBe("Basic c2VjcmV0");
    expect(test.store.seen[0]?.headers["authorization"]).toBeUndefined();
  });

  it("from a bare redirector is verified by what the store sends unasked", async () => {
    await begin({ bare: true });
    expect(await downloadFile()).toMatchObject({ bytes: BYTES.byteLength });
    expect(test.store.seen[0]?.headers["x-amz-checksum-mode"]).toBeUndefined();
  });

  it.each(["CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)("is verified by its %s", async (algorithm) => {
    const checksum = await createChecksum(algorithm);
    checksum.update(BYTES);
    const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
    await begin();
    const plain = storedObject(BYTES);
    test.store.objects.set("k", { ...plain, headers: { [header]: checksum.digest() } });
    expect(await downloadFile()).toMatchObject({ checksum: { algorithm } });
    test.store.objects.set("k", { ...plain, headers: { [header]: "AAAAAA==" } });
    await expect(downloadFile()).rejects.toMatchObject({ code: "IntegrityMismatch" });
  });

  it("D31: with a composite checksum is verified by its length alone", async () => {
    await begin();
    test.store.objects.set("k", { ...storedObject(BYTES), headers: { "x-amz-checksum-crc32": "AAAAAA==-2" } });
    expect(await downloadFile()).toMatchObject({ checksum: undefined, bytes: BYTES.byteLength });
  });
});

describe("a download that is cut", () => {
  it("D26: goes on where it broke, if it is still the same object", async () => {
    await begin();
    test.store.failNext("cut", "cut");
    expect(await downloadFile()).toMatchObject({ attempts: 3, bytes: BYTES.byteLength });
    expect((await targetBytes()).equals(BYTES)).toBe(true);
    expect(ranges()).toEqual([undefined, HALF, expect.stringMatching(/^bytes=\d+-$/u)]);
    expect(test.store.seen[1]?.headers["if-match"]).toBe(test.store.objects.get("k")?.etag);
  });

  it("goes on into a pipe too", async () => {
    await begin();
    test.store.failNext("cut");
    const taken: Buffer[] = [];
    await download({ key: "k", target: pipeTarget(taken) }, test.world);
    expect(Buffer.concat(taken).equals(BYTES)).toBe(true);
  });

  it.each<readonly [string, readonly StoreFault[]]>([
    ["the range is ignored", ["cut", "ignored-range"]],
    ["another range comes", ["cut", "wrong-range"]],
    ["the object was replaced", ["replaced"]],
  ])("begins anew when %s", async (_, faults) => {
    await begin();
    test.store.failNext(...faults);
    await downloadFile();
    expect((await targetBytes()).equals(test.store.objects.get("k")?.bytes ?? Buffer.alloc(0))).toBe(true);
  });

  it("D27: never mixes two objects into a pipe", async () => {
    await begin();
    test.store.failNext("replaced");
    const target = pipeTarget([]);
    await expect(download({ key: "k", target }, test.world)).rejects.toMatchObject({ code: "TransferFailed" });
  });

  it("D28: begins anew when the ETag is a weak one", async () => {
    await begin();
    test.store.objects.set("k", { ...storedObject(BYTES), etag: 'W/"1"' });
    test.store.failNext("cut");
    await downloadFile();
    expect(ranges()).toEqual([undefined, undefined]);
    expect((await targetBytes()).equals(BYTES)).toBe(true);
  });
});

describe("a download that fails", () => {
  it.each<readonly [StoreFault, string, number]>([
    ["flipped-bit", "IntegrityMismatch", 8],
    ["cut", "Unavailable", 7],
    ["denied", "Forbidden", 5],
    ["no-length", "UnsafeServer", 11],
    ["internal-error", "Unavailable", 7],
    ["moved-for-a-while", "UnsafeServer", 11],
  ])("by %s for ever leaves the old file and nothing else", async (fault, code, exitCode) => {
    await begin({ retries: 2 });
    await writeFile(join(test.directory, "target"), "the old one");
    test.store.failNext(...Array.from({ length: 9 }, () => fault));
    await expect(downloadFile()).rejects.toMatchObject({ code, exitCode });
    expect((await targetBytes()).toString()).toBe("the old one");
    expect(await readdir(test.directory)).toEqual(["target"]);
  });

  it("is tried again after a flipped bit", async () => {
    await begin();
    test.store.failNext("flipped-bit");
    expect(await downloadFile()).toMatchObject({ attempts: 2 });
    expect((await targetBytes()).equals(BYTES)).toBe(true);
  });

  it("D32: by a flipped bit, wherever it is, is always noticed", async () => {
    await begin({ retries: 0 }, BYTES.subarray(0, 10_000));
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (share) => {
        test.store.failNext(`flipped-bit@${share}`);
        await expect(downloadFile()).rejects.toMatchObject({ code: "IntegrityMismatch" });
        expect(await readdir(test.directory)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it("D51: says that the object is not there", async () => {
    await begin();
    test.store.objects.clear();
    await expect(downloadFile()).rejects.toMatchObject({ code: "NotFound", exitCode: 3 });
    expect(await readdir(test.directory)).toEqual([]);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    await begin();
    test.store.failNext("stall");
    const pending = downloadFile();
    const stopped = new Error("stopped");
    setTimeout(() => test.interruption.abort(stopped), 50);
    await expect(pending).rejects.toBe(stopped);
    expect(await readdir(test.directory)).toEqual([]);
  });
});

describe("a target", () => {
  it("that is there is not replaced with --no-clobber", async () => {
    await begin();
    await writeFile(join(test.directory, "target"), "old");
    await expect(downloadFile(true)).rejects.toMatchObject({ code: "PreconditionFailed", exitCode: 6 });
    expect((await targetBytes()).toString()).toBe("old");
  });

  it("that appears meanwhile is not replaced either", async () => {
    await begin();
    const target = await openFileTarget(join(test.directory, "target"), true);
    await writeFile(join(test.directory, "target"), "somebody else's");
    await expect(download({ key: "k", target }, test.world)).rejects.toMatchObject({ code: "PreconditionFailed" });
    expect((await targetBytes()).toString()).toBe("somebody else's");
    expect(await readdir(test.directory)).toEqual(["target"]);
  });

  it("may have a name as long as names can be", async () => {
    await begin();
    const name = "語".repeat(85);
    await downloadFile(false, name);
    expect(await readdir(test.directory)).toEqual([name]);
  });

  it.each([
    ["a directory that is not there", "none/target", "LocalIo"],
    ["a directory", ".", "Usage"],
    ["a device", "null", "Usage"],
  ])("D41: in or at %s is refused before any request", async (_, name, code) => {
    await begin();
    await symlink("/dev/null", join(test.directory, "null"));
    await expect(downloadFile(false, name)).rejects.toMatchObject({ code });
    expect(test.api.seen).toEqual([]);
  });
});
