import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRetryAfter } from "./retry-after.ts";

const NOW = new Date("2026-11-23T08:00:00Z");

describe("parseRetryAfter", () => {
  it.each([
    ["0", 0],
    ["120", 120_000],
    ["Mon, 23 Nov 2026 08:01:00 GMT", 60_000],
    ["Mon, 23 Nov 2026 07:00:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
  ])("reads %s", (header, milliseconds) => {
    expect(parseRetryAfter(header, NOW)).toBe(milliseconds);
  });

  it("knows nothing of a header that is absent or there twice", () => {
    expect([parseRetryAfter(undefined, NOW), parseRetryAfter(["1", "2"], NOW)]).toEqual([undefined, undefined]);
  });

  it("is a time that can be waited for, or nothing", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.integer().map(String)),
        (header) => (parseRetryAfter(header, NOW) ?? 0) >= 0,
      ),
    );
  });
});
