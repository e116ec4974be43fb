/** A download onto stdout. What has been written there cannot be taken back. */
import { once } from "node:events";
import type { DownloadTarget } from "../transfer/download-target.ts";
import type { OutputStream } from "./streams.ts";

/** A pipe asks to wait after 16 KiB already, and a pause for each piece of a TLS connection takes longer than the piece. */
const MAX_WAITING_BYTES = 1024 ** 2;

async function drained(stdout: OutputStream): Promise<void> {
  await once(stdout, "drain");
}

export function createStdoutTarget(stdout: OutputStream): DownloadTarget {
  return {
    name: "stdout",
    canRestart: false,
    write(chunk) {
      // The chunk is the connection's, and the pipe may take its time.
      stdout.write(Buffer.from(chunk));
      return stdout.writableLength > MAX_WAITING_BYTES ? drained(stdout) : undefined;
    },
    restart() {
      throw new TypeError("stdout cannot be taken back");
    },
    commit: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}
