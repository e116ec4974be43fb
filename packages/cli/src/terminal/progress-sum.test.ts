import { describe, expect, it } from "vitest";
import { createProgressSum } from "./progress-sum.ts";

describe("the sum of transfers", () => {
  it("is of all that began, and has no total while one is not known", () => {
    const sum = createProgressSum(
      () => 0,
      () => {},
    );
    const [one, other] = [sum.begin("one", 10), sum.begin("other", undefined)];
    one.update(10);
    one.update(4);
    other.update(5);
    expect([sum.done, sum.total, sum.isIdle, sum.describe()]).toEqual([9, undefined, false, "2 files 9 B"]);
    other.setTotal(6);
    one.end();
    expect([sum.total, sum.describe()]).toEqual([16, "other 56% 9 B of 16 B"]);
    other.end();
    expect([sum.done, sum.isIdle]).toEqual([9, true]);
  });

  it("costs the same for each event, however many there have been", () => {
    let events = 0;
    const sum = createProgressSum(
      () => 0,
      () => (events += 1),
    );
    const started = performance.now();
    for (let index = 0; index < 100_000; index += 1) {
      const transfer = sum.begin(`file ${index}`, 1);
      transfer.update(1);
      sum.describe();
      transfer.end();
    }
    expect([sum.done, sum.total, events]).toEqual([100_000, 100_000, 200_000]);
    // The sum over all entries at each event took minutes.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
