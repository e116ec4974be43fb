/** Two lists in the order of S3's listings, side by side: what is in both, and what is in one alone. Neither is held in memory. */
import { compareKeys } from "./compare-keys.ts";

export interface Joined<Left, Right> {
  readonly left: Left | undefined;
  readonly right: Right | undefined;
}

export interface SortedSide<Item> {
  readonly items: Iterable<Item> | AsyncIterable<Item>;
  readonly nameOf: (item: Item) => string;
  /** What to throw when an item does not come after the one before it: the join would be wrong without anybody noticing. */
  readonly disorder: (name: string) => Error;
}

async function* inOrder<Item>({ items, nameOf, disorder }: SortedSide<Item>): AsyncGenerator<Item> {
  let before: string | undefined;
  for await (const item of items) {
    const name = nameOf(item);
    if (before !== undefined && compareKeys(before, name) >= 0) throw disorder(name);
    before = name;
    yield item;
  }
}

export async function* joinSorted<Left, Right>(
  leftSide: SortedSide<Left>,
  rightSide: SortedSide<Right>,
): AsyncGenerator<Joined<Left, Right>> {
  const [lefts, rights] = [inOrder(leftSide), inOrder(rightSide)];
  try {
    let [left, right] = [await lefts.next(), await rights.next()];
    while (left.done !== true || right.done !== true) {
      const order = orderOf(left, right, (a, b) => compareKeys(leftSide.nameOf(a), rightSide.nameOf(b)));
      yield {
        left: order <= 0 && left.done !== true ? left.value : undefined,
        right: order >= 0 && right.done !== true ? right.value : undefined,
      };
      if (order <= 0) left = await lefts.next();
      if (order >= 0) right = await rights.next();
    }
  } finally {
    await Promise.all([lefts.return(undefined), rights.return(undefined)]);
  }
}

/** Below 0 when the left one comes first; one that has ended comes last. */
function orderOf<Left, Right>(
  left: IteratorResult<Left>,
  right: IteratorResult<Right>,
  compare: (left: Left, right: Right) => number,
): number {
  if (left.done === true) return 1;
  return right.done === true ? -1 : compare(left.value, right.value);
}
