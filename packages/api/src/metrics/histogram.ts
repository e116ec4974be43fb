/** How long something takes, sorted into buckets. */
import type { Labels, MetricFamily } from "./metric-family.ts";

/** Upper bounds in seconds: from what a signature takes to what a client waits for. */
const BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] as const;

export interface Histogram {
  /** @param seconds */
  readonly observe: (seconds: number) => void;
  readonly samples: (labels: Labels) => MetricFamily["samples"];
}

export function createHistogram(): Histogram {
  /** The last one is of what is above all bounds. */
  const counts = new Uint32Array(BOUNDS.length + 1);
  let sum = 0;

  return {
    observe(seconds) {
      const at = BOUNDS.findIndex((bound) => seconds <= bound);
      const bucket = at === -1 ? BOUNDS.length : at;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      sum += seconds;
    },
    samples(labels) {
      let total = 0;
      // Each bucket counts all below its bound.
      const buckets = [...BOUNDS.map(String), "+Inf"].map((le, index) => {
        total += counts[index] ?? 0;
        return { suffix: "_bucket", labels: { ...labels, le }, value: total };
      });
      return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: total }];
    },
  };
}
