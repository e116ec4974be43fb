import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createChecksum } from "./checksum.ts";
import { combineChecksums, type CombinableAlgorithm } from "./combine-checksums.ts";

const ALGORITHMS: readonly CombinableAlgorithm[] = ["CRC32", "CRC32C", "CRC64NVME"];

async function checksumOf(algorithm: CombinableAlgorithm, bytes: Uint8Array): Promise<string> {
  const checksum = await createChecksum(algorithm);
  checksum.update(bytes);
  return checksum.digest();
}

describe.each(ALGORITHMS)("combineChecksums of %s", (algorithm) => {
  it("is the checksum of the whole, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), async (pieces) => {
        const parts = [];
        for (const piece of pieces) parts.push({ value: await checksumOf(algorithm, piece), size: piece.byteLength });
        expect(combineChecksums(algorithm, parts)).toBe(await checksumOf(algorithm, Buffer.concat(pieces)));
      }),
      { numRuns: 100 },
    );
  });

  it("notices parts that have changed places", async () => {
    const [a, b] = [
      { value: await checksumOf(algorithm, Buffer.from("first")), size: 5 },
      { value: await checksumOf(algorithm, Buffer.from("second")), size: 6 },
    ];
    expect(combineChecksums(algorithm, [a, b])).not.toBe(combineChecksums(algorithm, [b, a]));
  });

  it("takes sizes of terabytes", async () => {
    const nothing = await checksumOf(algorithm, new Uint8Array());
    const one = { value: await checksumOf(algorithm, Buffer.from("x")), size: 1 };
    expect(combineChecksums(algorithm, [one, { value: nothing, size: 0 }])).toBe(one.value);
    const size = 50 * 1024 ** 4;
    const halves = [
      { ...one, size: size / 2 },
      { ...one, size: size / 2 },
    ];
    expect(combineChecksums(algorithm, halves)).toMatch(/^[\w+/]+=*$/u);
  });
});
