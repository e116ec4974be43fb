/**
 * The same measurements as lines that CloudWatch Logs makes metrics of, one a request (embedded metric format).
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import type { AccessLogEntry } from "../access-record.ts";
import { requestDimensions } from "./request-dimensions.ts";

const DIMENSIONS = ["operation", "decision", "status"] as const;

/** @returns a line without its end. */
export function embeddedMetrics(entry: AccessLogEntry): string {
  const { milliseconds: duration, signingMilliseconds: signing } = entry;
  const times = { duration, ...(signing === undefined ? {} : { signing }) };
  return JSON.stringify({
    _aws: {
      Timestamp: Date.parse(entry.time),
      CloudWatchMetrics: [
        {
          Namespace: "s3r",
          Dimensions: [DIMENSIONS],
          Metrics: [
            { Name: "requests", Unit: "Count" },
            ...Object.keys(times).map((Name) => ({ Name, Unit: "Milliseconds" })),
          ],
        },
      ],
    },
    ...requestDimensions(entry),
    requests: 1,
    ...times,
  });
}
