/** D44: bytes of unknown number against the doubles. */
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { CliError } from "../cli-error.ts";
import type { SeenRequest } from "../testing/seen-request.ts";
import { crc32Base64 } from "../testing/stored-object.ts";
import { startTestWorld, type TestWorld, type TestWorldOptions } from "../testing/test-world.ts";
import { createPartReader, streamPartSize } from "./stream-parts.ts";
import { uploadStream, type StreamRequest } from "./stream-upload.ts";
import type { UploadResult } from "./upload-result.ts";

const PART = 64 * 1024;
const BYTES = randomBytes(9 * PART + 5);

let test: TestWorld;

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function begin(options: TestWorldOptions = {}): Promise<void> {
  test = await startTestWorld(options);
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) {
    await Promise.resolve();
    yield bytes.subarray(start, start + size);
  }
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield* inChunks(BYTES, 50_000);
  throw new Error("EIO");
}

function isPart(number: string): (request: SeenRequest) => boolean {
  return ({ target }) => target.includes(`partNumber=${number}`);
}

async function put(chunks: StreamRequest["chunks"], extra: Partial<StreamRequest> = {}): Promise<UploadResult> {
  const plain = {
    contentType: "a/b",
    cacheControl: undefined,
    metadata: {},
    noClobber: false,
    checksum: "CRC32",
  } as const;
  return await uploadStream({ name: "stdin", key: "k", chunks, ...plain, partSize: PART, ...extra }, test.world);
}

async function journals(): Promise<string[]> {
  const names = await readdir(join(test.directory, "state", "uploads")).catch(() => []);
  return names.filter((name) => name.endsWith(".json"));
}

describe("a stream", () => {
  it.each([0, 1, PART - 1])("of %i bytes, less than a part, is one PUT", async (size) => {
    await begin();
    const bytes = BYTES.subarray(0, size);
    const result = await put(inChunks(bytes, 1000));
    expect(test.store.objects.get("k")?.bytes.equals(bytes)).toBe(true);
    expect(result).toMatchObject({ bytes: size, parts: undefined });
    expect(test.store.seen.map(({ method }) => method)).toEqual(["PUT"]);
  });

  it.each([PART, PART + 1, 2 * PART, BYTES.byteLength])("of %i bytes goes up in parts", async (size) => {
    await begin();
    const bytes = BYTES.subarray(0, size);
    const result = await put(inChunks(bytes, 10_000));
    expect(test.store.objects.get("k")?.bytes.equals(bytes)).toBe(true);
    const checksum = { algorithm: "CRC32", value: crc32Base64(bytes) };
    expect(result).toMatchObject({ bytes: size, parts: Math.ceil(size / PART), checksum });
    expect(await journals()).toEqual([]);
  });

  it("of bytes that a part's faults befall arrives whole", async () => {
    await begin();
    test.store.failWhen(isPart(""), "reset-at-half", "slow-down", "flipped-on-the-way", "lost-answer", "expired-url");
    await put(inChunks(BYTES, 100_000));
    expect(test.store.objects.get("k")?.bytes.equals(BYTES)).toBe(true);
  });

  it("through a bare redirector waits in a file until its length is known", async () => {
    await begin({ bare: true });
    const result = await put(inChunks(BYTES, 100_000));
    expect(test.store.objects.get("k")?.bytes.equals(BYTES)).toBe(true);
    expect(result.parts).toBeUndefined();
  });

  it("that breaks stores nothing, and gives back the parts", async () => {
    await begin();
    await expect(put(broken())).rejects.toMatchObject({ code: "LocalIo" } satisfies Partial<CliError>);
    expect(test.store.objects.has("k")).toBe(false);
    expect(test.store.uploads.size).toBe(0);
    expect(await journals()).toEqual([]);
  });

  it("of which a part fails for good ends at once, and is not read to its end", async () => {
    await begin({ retries: 0 });
    let read = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += PART;
        yield BYTES.subarray(0, PART);
        await delay(1);
      }
    }
    test.store.failWhen(isPart("3&"), "denied");
    await expect(put(endless())).rejects.toMatchObject({ code: "Forbidden" });
    expect(read).toBeLessThan(100 * PART);
    expect(test.store.uploads.size).toBe(0);
  });
});

describe("parts of a stream", () => {
  it("grow, so that 10,000 of them hold more than 25 TB", async () => {
    await begin();
    const sizes = Array.from({ length: 10_000 }, (_, index) => streamPartSize(index + 1));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(25e12);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5 * 1024 ** 3);
  });

  it("are the stream's bytes in their order, whatever its chunks and their own sizes are", async () => {
    await begin();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 500 }),
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 80 }),
        async (bytes, chunk, size) => {
          const reader = createPartReader(inChunks(bytes, chunk), "stream");
          const parts: Buffer[] = [];
          for (;;) {
            await using part = await reader.next(size);
            if (part.size === 0) break;
            const buffer = Buffer.alloc(part.size);
            await part.read(buffer, 0);
            parts.push(buffer);
          }
          expect(Buffer.concat(parts)).toEqual(Buffer.from(bytes));
          expect(parts.slice(0, -1).every((part) => part.byteLength === size)).toBe(true);
        },
      ),
    );
  });

  it("that are too large for the memory wait in a file, and are the same bytes", async () => {
    await begin();
    const large = 33 * 1024 ** 2;
    const bytes = Buffer.alloc(large + 3, BYTES);
    const reader = createPartReader(inChunks(bytes, 1024 ** 2), "stream");
    await using first = await reader.next(large);
    await using second = await reader.next(large);
    const buffer = Buffer.alloc(large);
    await first.read(buffer, 0);
    expect(buffer.equals(bytes.subarray(0, large))).toBe(true);
    expect([first.size, second.size]).toEqual([large, 3]);
  });
});
