/**
 * What every process says of itself, by the names that Prometheus' client libraries have agreed on.
 * https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 */
import type { MetricFamily } from "./metric-family.ts";

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: "gauge", samples: [{ labels: {}, value }] };
}

export function processMetrics(): readonly MetricFamily[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return [
    {
      name: "process_cpu_seconds_total",
      help: "User and system CPU time.",
      type: "counter",
      samples: [{ labels: {}, value: (user + system) / 1_000_000 }],
    },
    gauge("process_resident_memory_bytes", "Resident memory.", rss),
    gauge("process_start_time_seconds", "Start, since the Unix epoch.", performance.timeOrigin / 1000),
    gauge("nodejs_heap_size_used_bytes", "Memory of JavaScript's objects.", heapUsed),
    {
      name: "nodejs_version_info",
      help: "Version of Node.js.",
      type: "gauge",
      samples: [{ labels: { version: process.version }, value: 1 }],
    },
  ];
}
