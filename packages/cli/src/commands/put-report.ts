import { formatBytes, formatRate, formatSeconds, printable } from "../terminal/format.ts";
import type { UploadResult } from "../transfer/upload-result.ts";
import type { Done } from "./tally.ts";

/** What is said of an object that was put. */
export function reportPut(path: string, result: UploadResult, milliseconds: number): Done {
  const { key, bytes, etag, checksum, attempts, parts, reused } = result;
  return {
    json: {
      operation: "put",
      source: path,
      key,
      bytes,
      etag,
      checksum,
      seconds: milliseconds / 1000,
      attempts,
      parts,
      ...(reused === 0 ? {} : { reused }),
    },
    text: () =>
      `${printable(path)} → ${printable(key)} (${formatBytes(bytes)} in ${formatSeconds(milliseconds)}, ${formatRate(bytes, milliseconds)})`,
    bytes,
  };
}
