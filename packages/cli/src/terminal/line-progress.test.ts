import { describe, expect, it } from "vitest";
import { canAnimate, createProgress } from "./create-progress.ts";
import { createLineProgress } from "./line-progress.ts";
import { Writable } from "node:stream";

describe("progress in lines", () => {
  it("has one at the start, one every 10 % and one at the end", () => {
    const lines: string[] = [];
    const transfer = createLineProgress({ write: (text) => lines.push(text) }, () => 0).begin("file", 1000);
    for (let bytes = 1; bytes <= 1000; bytes += 1) transfer.update(bytes);
    transfer.end();
    expect(lines).toHaveLength(11);
    expect([lines[0], lines[1], lines.at(-1)]).toEqual([
      "file 0% 0 B of 1 kB\n",
      "file 10% 100 B of 1 kB\n",
      "file 100% 1 kB of 1 kB\n",
    ]);
  });

  it("has one every 10 s where it is slow or the size is unknown", () => {
    const lines: string[] = [];
    let now = 0;
    const transfer = createLineProgress({ write: (text) => lines.push(text) }, () => now).begin("file", undefined);
    for (now = 1000; now <= 25_000; now += 1000) transfer.update(now);
    expect(lines).toEqual(["file 0 B\n", "file 10 kB 1 kB/s\n", "file 20 kB 1 kB/s\n"]);
  });

  it("says how fast it is and how long it will take", () => {
    const lines: string[] = [];
    let now = 0;
    const transfer = createLineProgress({ write: (text) => lines.push(text) }, () => now).begin("file", 1000);
    now = 2000;
    transfer.update(500);
    expect(lines.at(-1)).toBe("file 50% 500 B of 1 kB, 250 B/s, 2.0 s left\n");
  });
});

describe("an animation", () => {
  const terminal = Object.assign(new Writable(), { isTTY: true, columns: 80 });

  it("is for a terminal with columns that can go back", () => {
    expect(canAnimate({ env: { TERM: "xterm" }, stream: terminal })).toBe(true);
    expect(canAnimate({ env: { CI: "1" }, stream: terminal })).toBe(false);
    expect(canAnimate({ env: { TERM: "dumb" }, stream: terminal })).toBe(false);
    expect(canAnimate({ env: {}, stream: Object.assign(new Writable(), { isTTY: true, columns: 0 }) })).toBe(false);
    expect(canAnimate({ env: {}, stream: new Writable() })).toBe(false);
  });

  it("is not made when nothing is to be shown", async () => {
    const written: string[] = [];
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk.toString());
        done();
      },
    });
    const progress = await createProgress({ silent: true, env: {}, stream, now: () => 0 });
    progress.begin("file", 1).update(1);
    expect(written).toEqual([]);
  });
});
