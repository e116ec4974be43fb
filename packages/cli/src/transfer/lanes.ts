/** How many units of work move at once, over all files of a run: a whole object and a part of one are the same unit. */
import { createLaneLimit, type LaneLimitOptions } from "./lane-limit.ts";

export interface Lanes {
  /** Runs the task when there is room. An error of the task is its own. */
  run<Result>(task: () => Promise<Result>): Promise<Result>;
  /** Bytes have moved. */
  moved(bytes: number): void;
  /** A server asked for patience: 503, 429. */
  throttled(): void;
  /** How many may run now. */
  readonly limit: number;
}

export function createLanes(options: LaneLimitOptions): Lanes {
  const limit = createLaneLimit(options);
  const waiting: (() => void)[] = [];
  let running = 0;

  function admit(): void {
    while (running < limit.value) {
      const next = waiting.shift();
      if (next === undefined) return;
      running += 1;
      next();
    }
  }

  return {
    async run(task) {
      if (running < limit.value) running += 1;
      else await new Promise<void>((resolve) => void waiting.push(resolve));
      try {
        return await task();
      } finally {
        running -= 1;
        admit();
      }
    },
    moved(bytes) {
      limit.moved(bytes, waiting.length > 0);
      admit();
    },
    throttled: () => limit.throttled(),
    get limit() {
      return limit.value;
    },
  };
}
