import type { AccessLogEntry } from "../access-record.ts";
import { embeddedMetrics } from "../metrics/embedded-metrics.ts";

/**
 * One JSON line a request.
 * @param isEmbedded whether its measurements follow in a second one.
 */
export function createAccessLog(
  stream: { write(text: string): unknown },
  isEmbedded = false,
): (entry: AccessLogEntry) => void {
  return (entry) => void stream.write(`${JSON.stringify(entry)}\n${isEmbedded ? `${embeddedMetrics(entry)}\n` : ""}`);
}
