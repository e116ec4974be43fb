import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPercent, formatSeconds, printable } from "./format.ts";

const anyUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

describe("formatPercent", () => {
  it("says 100 % only when all is there", () => {
    expect([formatPercent(0, 0), formatPercent(0, 5), formatPercent(999_999, 1_000_000), formatPercent(5, 5)]).toEqual([
      "100%",
      "0%",
      "99%",
      "100%",
    ]);
  });
});

describe("formatSeconds", () => {
  it.each([
    [0, "0.0 s"],
    [1234, "1.2 s"],
    [12_345, "12 s"],
    [59_999, "1 min 0 s"],
    [119_700, "2 min 0 s"],
    [3_599_900, "1 h 0 min"],
    [9999, "10 s"],
    [7_260_000, "2 h 1 min"],
  ])("shows %i ms as %s", (milliseconds, text) => {
    expect(formatSeconds(milliseconds)).toBe(text);
  });
});

describe("printable", () => {
  it("leaves nothing that steers a terminal, and all else as it is", () => {
    expect(printable("a b é 😀")).toBe("a b é 😀");
    expect(printable("\u001b[2J\u009b1m\r\n")).toBe("\\x1b[2J\\x9b1m\\x0d\\x0a");
    fc.assert(fc.property(fc.string({ unit: anyUnit }), (text) => !/\p{Cc}/u.test(printable(text))));
  });
});
