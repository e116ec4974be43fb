import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";
import { putUnits, type FileToPut, type PutListener } from "./many-puts.ts";
import { runMany } from "./many-units.ts";

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

function file(name: string, bytes: Uint8Array | string): FileToPut {
  const path = join(test.directory, name);
  writeFileSync(path, bytes);
  const request = {
    key: name,
    contentType: "text/plain",
    cacheControl: undefined,
    metadata: {},
    noClobber: false,
    checksum: "CRC32",
    partSize: undefined,
  } as const;
  return { path, request };
}

const told: Record<string, string> = {};
const listener: PutListener = {
  done({ request: { key } }, { checksum }) {
    told[key] = checksum.value;
  },
  failed({ request: { key } }, { code }) {
    told[key] = code;
  },
};

async function put(...files: readonly FileToPut[]): Promise<Record<string, string>> {
  for (const key of Object.keys(told)) delete told[key];
  await runMany(putUnits(files, test.world, listener), test.world);
  return told;
}

describe("many files up", () => {
  it("arrive as they are, with their checksums, whatever their size", async () => {
    const sizes = [0, 1, 4096, 32 * 1024, 32 * 1024 + 1, 1024 ** 2 + 1];
    const files = sizes.map((size) => file(`f${size}`, Buffer.alloc(size, `${size} `)));
    const checksums = await put(...files);
    for (const size of sizes) {
      const expected = Buffer.alloc(size, `${size} `);
      expect(test.store.objects.get(`f${size}`)?.bytes.equals(expected)).toBe(true);
      const value = Buffer.alloc(4);
      value.writeUInt32BE(crc32(expected));
      expect(checksums[`f${size}`]).toBe(value.toString("base64"));
    }
    expect(test.api.seen).toHaveLength(1);
  });

  it("fail alone when they are gone, are no files, or change between their reading and their sending", async () => {
    const large = file("large", Buffer.alloc(100_000));
    const gone = { ...file("gone", ""), path: join(test.directory, "nowhere") };
    mkdirSync(join(test.directory, "dir"));
    const directory = { ...file("other", ""), path: join(test.directory, "dir") };
    function* changing(): Generator<FileToPut> {
      yield large;
      yield gone;
      yield directory;
      // It has been prepared by now, and is opened again when it moves.
      appendFileSync(large.path, "more");
      yield file("small", "x");
    }
    await runMany(putUnits(changing(), test.world, listener), test.world);
    expect(told).toMatchObject({ large: "LocalIo", gone: "NotFound", other: "LocalIo", small: expect.any(String) });
    expect([...test.store.objects.keys()]).toEqual(["small"]);
  });

  it.each(["reset-at-half", "lost-answer", "internal-error", "expired-url"] as const)(
    "are sent whole again after %s",
    async (fault) => {
      test.store.failNext(fault);
      await put(file("a", Buffer.alloc(20_000, "a")), file("b", "b"));
      expect(test.store.objects.get("a")?.bytes.equals(Buffer.alloc(20_000, "a"))).toBe(true);
      const puts = test.store.seen.filter(({ target }) => target.startsWith("/bucket/a"));
      expect(new Set(puts.map(({ headers }) => headers["content-length"]))).toEqual(new Set(["20000"]));
    },
  );
});
