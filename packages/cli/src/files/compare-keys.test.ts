import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareKeys } from "./compare-keys.ts";

describe("compareKeys", () => {
  it("orders as the bytes of UTF-8 do, also beyond U+FFFF", () => {
    expect(["\u{1F600}", "\uFFFD", "a/b", "a-b", "a"].sort(compareKeys)).toEqual([
      "a",
      "a-b",
      "a/b",
      "\uFFFD",
      "\u{1F600}",
    ]);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
