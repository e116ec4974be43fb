/** A download onto stdout. What has been written there cannot be taken back. */
import { once } from "node:events";
import type { DownloadTarget } from "../transfer/download-target.ts";
import type { OutputStream } from "./streams.ts";

async function drained(stdout: OutputStream): Promise<void> {
  await once(stdout, "drain");
}

export function createStdoutTarget(stdout: OutputStream): DownloadTarget {
  return {
    name: "stdout",
    canRestart: false,
    write(chunk) {
      // The chunk is the connection's, and the pipe may take its time.
      return stdout.write(Buffer.from(chunk)) ? undefined : drained(stdout);
    },
    restart() {
      throw new TypeError("stdout cannot be taken back");
    },
    commit: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}
