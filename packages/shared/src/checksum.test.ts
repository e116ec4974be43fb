import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHECKSUM_LIST, createChecksum, createChecksumFactory } from "./checksum.ts";

/** The catalogue's check values, of the ASCII bytes "123456789", and the hashes' own vectors. */
const CHECK_VALUES = {
  CRC32: "cbf43926",
  CRC32C: "e3069283",
  CRC64NVME: "ae8b14860a799888",
  SHA1: "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
  SHA256: "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
};

describe("createChecksum", () => {
  it.each(CHECKSUM_LIST)("computes $algorithm", async ({ algorithm, byteLength }) => {
    const checksum = await createChecksum(algorithm);
    checksum.update(Buffer.from("123456789"));
    const value = Buffer.from(checksum.digest(), "base64");
    expect(value.toString("hex")).toBe(CHECK_VALUES[algorithm]);
    expect(value).toHaveLength(byteLength);
  });

  it.each(CHECKSUM_LIST)("gives the same $algorithm however the bytes are cut", async ({ algorithm }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), async (chunks) => {
        const [whole, cut] = [await createChecksum(algorithm), await createChecksum(algorithm)];
        whole.update(Buffer.concat(chunks));
        for (const chunk of chunks) cut.update(chunk);
        expect(cut.digest()).toBe(whole.digest());
      }),
      { numRuns: 50 },
    );
  });

  it.each(CHECKSUM_LIST)(
    "gives the same $algorithm whatever others are computed at the same time",
    async ({ algorithm }) => {
      const step = fc.record({ which: fc.nat(3), bytes: fc.uint8Array({ maxLength: 20 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
          const create = await createChecksumFactory();
          const mixed = Array.from({ length: 4 }, () => create(algorithm));
          for (const { which, bytes } of steps) mixed[which]?.update(bytes);
          for (const [which, checksum] of mixed.entries()) {
            const alone = create(algorithm);
            for (const each of steps) if (each.which === which) alone.update(each.bytes);
            const expected = alone.digest();
            expect(checksum.digest()).toBe(expected);
          }
        }),
        { numRuns: 50 },
      );
    },
  );
});
