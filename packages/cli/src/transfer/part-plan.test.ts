import { MAX_PART_NUMBER, MAX_SINGLE_PUT_BYTES, MIN_PART_BYTES } from "@s3r/shared";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertPlannable, DEFAULT_PART_BYTES, MAX_OBJECT_BYTES, partSizeFor, planParts } from "./part-plan.ts";

describe("P4: a part plan", () => {
  it("covers the object exactly, with at most 10,000 parts of 5 MiB to 5 GiB but for the last", () => {
    const sizes = fc.oneof(
      fc.integer({ min: 1, max: MAX_OBJECT_BYTES }),
      fc.integer({ min: 1, max: 100 * 1024 ** 3 }),
      fc.integer({ min: 0, max: 20_000 }).map((parts) => Math.max(1, parts * MIN_PART_BYTES - 1)),
    );
    const preferences = fc.integer({ min: MIN_PART_BYTES, max: MAX_SINGLE_PUT_BYTES });
    fc.assert(
      fc.property(sizes, preferences, (size, preferred) => {
        const partSize = partSizeFor(size, preferred);
        const parts = planParts(size, partSize);
        expect(parts.length).toBeLessThanOrEqual(MAX_PART_NUMBER);
        expect(partSize >= preferred && partSize <= MAX_SINGLE_PUT_BYTES).toBe(true);
        let end = 0;
        for (const [index, part] of parts.entries()) {
          if (part.start !== end || part.number !== index + 1 || part.size < 1 || part.size > partSize)
            throw new Error(`part ${part.number} does not follow`);
          if (index < parts.length - 1 && part.size !== partSize) throw new Error(`part ${part.number} is short`);
          end += part.size;
        }
        expect(end).toBe(size);
      }),
      { numRuns: 200 },
    );
  });

  it("keeps the preferred size while it can, and takes whole mebibytes when it cannot", () => {
    expect(partSizeFor(1024 ** 4 / 10)).toBe(DEFAULT_PART_BYTES);
    expect(partSizeFor(1024 ** 4)).toBe(105 * 1024 ** 2);
    expect(partSizeFor(MAX_OBJECT_BYTES)).toBe(MAX_SINGLE_PUT_BYTES);
  });

  it("has no parts for nothing", () => {
    expect(planParts(0, DEFAULT_PART_BYTES)).toEqual([]);
  });

  it("is refused for more than S3 holds, before any byte moves", () => {
    expect(() => assertPlannable("huge", MAX_OBJECT_BYTES + 1)).toThrow(/too large/u);
    expect(() => assertPlannable("large", MAX_OBJECT_BYTES)).not.toThrow();
  });
});
