import { describe, expect, it } from "vitest";
import { parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  it.each([
    ["10s", 10_000],
    ["500ms", 500],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["1.5", 1500],
    ["0", 0],
  ])("reads %s", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(["", "s", "-1s", "1 s", "1e3", "1d", "Infinity", "0x10", "1s2"])("refuses %s", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
