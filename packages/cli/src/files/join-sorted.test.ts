import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareKeys } from "./compare-keys.ts";
import { joinSorted, type Joined, type SortedSide } from "./join-sorted.ts";

function side(items: readonly string[]): SortedSide<string> {
  return { items, nameOf: (item) => item, disorder: (name) => new RangeError(name) };
}

async function collect(left: readonly string[], right: readonly string[]): Promise<Joined<string, string>[]> {
  const joined: Joined<string, string>[] = [];
  for await (const each of joinSorted(side(left), side(right))) joined.push(each);
  return joined;
}

describe("joinSorted", () => {
  it("has each item once, with its counterpart, in order", async () => {
    const sorted = fc.uniqueArray(fc.string({ unit: "binary", maxLength: 3 })).map((all) => all.sort(compareKeys));
    await fc.assert(
      fc.asyncProperty(sorted, sorted, async (left, right) => {
        const joined = await collect(left, right);
        expect(joined.flatMap((each) => each.left ?? [])).toEqual(left);
        expect(joined.flatMap((each) => each.right ?? [])).toEqual(right);
        for (const { left: one, right: other } of joined) expect((one ?? other) === (other ?? one)).toBe(true);
        const both = joined.filter((each) => each.left !== undefined && each.right !== undefined);
        expect(both).toHaveLength(left.filter((each) => right.includes(each)).length);
      }),
    );
  });

  it("fails on a side that is in no order", async () => {
    await expect(collect(["a", "b"], ["b", "a"])).rejects.toBeInstanceOf(RangeError);
    await expect(collect(["a", "a"], [])).rejects.toBeInstanceOf(RangeError);
  });
});
