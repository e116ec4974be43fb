import type { AccessLogEntry } from "../access-record.ts";

/** One JSON line a request. */
export function createAccessLog(stream: { write(text: string): unknown }): (entry: AccessLogEntry) => void {
  return (entry) => void stream.write(`${JSON.stringify(entry)}\n`);
}
