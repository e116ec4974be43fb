import { formatBytes, formatRate, formatSeconds, printable } from "../terminal/format.ts";
import type { DownloadResult } from "../transfer/download.ts";
import type { Done } from "./tally.ts";

/** What is said of an object that was got. */
export function reportGet(destination: string, result: DownloadResult, milliseconds: number): Done {
  const { key, bytes, etag, checksum, attempts, parts, reused } = result;
  const verified = checksum === undefined ? "length" : `length and ${checksum.algorithm}`;
  return {
    json: {
      operation: "get",
      key,
      destination,
      bytes,
      etag,
      checksum,
      seconds: milliseconds / 1000,
      attempts,
      parts,
      ...(reused === 0 ? {} : { reused }),
    },
    text: () =>
      `${printable(key)} → ${printable(destination)} (${formatBytes(bytes)} in ${formatSeconds(milliseconds)}, ${formatRate(bytes, milliseconds)}; ${verified} verified)`,
    bytes,
  };
}
