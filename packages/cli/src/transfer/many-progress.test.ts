import { expect, it } from "vitest";
import { createLineProgress } from "../terminal/line-progress.ts";
import { createManyProgress } from "./many-progress.ts";

it("shows many transfers as one, whose lines do not grow in number with them", () => {
  const lines: string[] = [];
  let now = 0;
  const progress = createManyProgress(createLineProgress({ write: (text) => lines.push(text) }, () => now));
  expect(lines).toEqual([]);
  for (let file = 0; file < 1000; file += 1) {
    now += 100;
    const transfer = progress.begin(`file ${file}`, 10);
    transfer.update(7);
    transfer.update(0);
    transfer.update(10);
    transfer.end();
  }
  expect(lines).toHaveLength(10);
  expect([lines[0], lines.at(-1)]).toEqual(["0 files 0 B\n", "900 files 9.01 kB 100 B/s\n"]);
});
