/** Progress where no cursor can go back, as in CI: a plain line at the start, every 10 s or 10 %, and at the end. */
import type { Progress } from "../transfer/progress.ts";
import { createProgressSum } from "./progress-sum.ts";
import type { TextStream } from "./streams.ts";

const EVERY_MILLISECONDS = 10_000;
const EVERY_PERCENT = 10;

/** @param now in milliseconds. */
export function createLineProgress(stream: TextStream, now: () => number): Progress {
  return {
    begin(name, total) {
      const sum = createProgressSum(now, () => show(false));
      const transfer = sum.begin(name, total);
      let lastTime = now();
      let lastStep = 0;

      function step(): number {
        return sum.total === undefined || sum.total === 0
          ? 0
          : Math.floor((sum.done * 100) / sum.total / EVERY_PERCENT);
      }
      function show(always: boolean): void {
        if (!always && step() <= lastStep && now() - lastTime < EVERY_MILLISECONDS) return;
        lastTime = now();
        lastStep = step();
        stream.write(`${sum.describe()}\n`);
      }

      show(true);
      return transfer;
    },
  };
}
