import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPathFilter, type FilterRule } from "./path-filter.ts";

/** `+` takes, `-` leaves out. */
function rules(...texts: readonly string[]): readonly FilterRule[] {
  return texts.map((text) => ({ takes: text.startsWith("+"), pattern: text.slice(1) }));
}

const PATHS = ["a.js", "a.css", "lib/b.js", "lib/deep/c.js", "vendor/d.js", "vendor/keep/e.js"];

describe("--include and --exclude", () => {
  it.each([
    [[], PATHS],
    [["-vendor"], ["a.js", "a.css", "lib/b.js", "lib/deep/c.js"]],
    [["+*.js"], ["a.js", "lib/b.js", "lib/deep/c.js", "vendor/d.js", "vendor/keep/e.js"]],
    [
      ["+*.js", "-vendor"],
      ["a.js", "lib/b.js", "lib/deep/c.js"],
    ],
    [["-*", "+*.css"], ["a.css"]],
    [
      ["-vendor", "+vendor/keep"],
      ["a.js", "a.css", "lib/b.js", "lib/deep/c.js", "vendor/keep/e.js"],
    ],
    [["+*.css", "-*"], []],
  ])("take with %s, of those that match the last, what is meant", (texts, expected) => {
    const { accepts } = createPathFilter(rules(...texts));
    expect(PATHS.filter((path) => accepts(path))).toEqual(expected);
  });

  it("never keep out of a folder that holds what they take", () => {
    const name = fc.constantFrom("a", "b", "c");
    const pattern = fc
      .array(fc.constantFrom("a", "b", "*", "**"), { minLength: 1, maxLength: 3 })
      .map((names) => names.join("/"));
    const rule = fc.record({ takes: fc.boolean(), pattern });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), fc.array(name, { minLength: 2, maxLength: 4 }), (each, names) => {
        const filter = createPathFilter(each);
        fc.pre(filter.accepts(names.join("/")));
        for (let depth = 1; depth < names.length; depth += 1)
          expect(filter.mayHold(names.slice(0, depth).join("/"))).toBe(true);
      }),
    );
  });

  it("need not look into what is left out as a whole", () => {
    const { mayHold } = createPathFilter(rules("-node_modules"));
    expect([mayHold("node_modules"), mayHold("src")]).toEqual([false, true]);
  });
});
