/** A download onto stdout. What has been written there cannot be taken back. */
import { once } from "node:events";
import type { DownloadTarget } from "../transfer/download-target.ts";

export function createStdoutTarget(stdout: NodeJS.WriteStream): DownloadTarget {
  return {
    name: "stdout",
    canRestart: false,
    async write(chunk) {
      // The chunk is the connection's, and the pipe may take its time.
      if (!stdout.write(Buffer.from(chunk))) await once(stdout, "drain");
    },
    restart() {
      throw new TypeError("stdout cannot be taken back");
    },
    commit: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}
