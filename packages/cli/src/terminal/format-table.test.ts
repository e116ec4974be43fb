/** Tables as people read them. */
import { describe, expect, it } from "vitest";
import { formatTable } from "./format-table.ts";

describe("formatTable", () => {
  it("makes each column as wide as its widest cell, and leaves nothing at the end of a line", () => {
    expect(
      formatTable([
        ["a", "bb", "c"],
        ["aaa", "b"],
        ["a", "", ""],
      ]),
    ).toBe("a    bb  c\naaa  b\na");
  });

  it("lets no cell steer the terminal, or begin a line", () => {
    expect(formatTable([["a\nb\u001b[31m", "c"]])).toBe(String.raw`a\x0ab\x1b[31m  c`);
  });

  it("of nothing is nothing", () => {
    expect(formatTable([])).toBe("");
  });
});
