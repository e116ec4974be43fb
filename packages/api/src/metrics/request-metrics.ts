/** Counts requests and times them, for Prometheus. */
import type { AccessLogEntry } from "../access-record.ts";
import { createHistogram, type Histogram } from "./histogram.ts";
import type { MetricFamily } from "./metric-family.ts";
import { refusedDimensions, requestDimensions, type RequestDimensions } from "./request-dimensions.ts";

export interface RequestMetrics {
  readonly onAccess: (entry: AccessLogEntry) => void;
  /** @param status of a request that never reached the access log. */
  readonly onRefused: (status: number) => void;
  readonly collect: () => readonly MetricFamily[];
}

interface Count {
  readonly labels: RequestDimensions;
  value: number;
}

function createCounter(): {
  readonly add: (labels: RequestDimensions) => void;
  readonly counts: () => Iterable<Count>;
} {
  const counts = new Map<string, Count>();
  return {
    add(labels) {
      const name = `${labels.operation} ${labels.decision} ${labels.status}`;
      const count = counts.get(name);
      if (count === undefined) counts.set(name, { labels, value: 1 });
      else count.value += 1;
    },
    counts: () => counts.values(),
  };
}

function durationsOf(durations: ReadonlyMap<string, Histogram>): MetricFamily {
  return {
    name: "s3r_request_duration_seconds",
    help: "Time from a request's headers to its answer, by operation.",
    type: "histogram",
    samples: [...durations].flatMap(([operation, histogram]) => histogram.samples({ operation })),
  };
}

export function createRequestMetrics(): RequestMetrics {
  const counter = createCounter();
  const durations = new Map<string, Histogram>();
  const signing = createHistogram();

  function durationsFor(operation: string): Histogram {
    const known = durations.get(operation);
    if (known !== undefined) return known;
    const histogram = createHistogram();
    durations.set(operation, histogram);
    return histogram;
  }

  return {
    onAccess(entry) {
      const dimensions = requestDimensions(entry);
      counter.add(dimensions);
      durationsFor(dimensions.operation).observe(entry.milliseconds / 1000);
      if (entry.signingMilliseconds !== undefined) signing.observe(entry.signingMilliseconds / 1000);
    },
    onRefused: (status) => counter.add(refusedDimensions(status)),
    collect: () => [
      {
        name: "s3r_requests_total",
        help: "Requests answered, those of a batch one by one, by operation, decision and status.",
        type: "counter",
        samples: [...counter.counts()],
      },
      durationsOf(durations),
      {
        name: "s3r_signing_duration_seconds",
        help: "Time to sign one URL, with the credentials it takes.",
        type: "histogram",
        samples: signing.samples({}),
      },
    ],
  };
}
