import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

const INTERVAL_MILLISECONDS = 50;

/** The S3 server's XML, and not just an open port. */
async function answers(endpoint: string): Promise<boolean> {
  const text = await fetch(endpoint, { signal: AbortSignal.timeout(5000) })
    .then(async (response) => await response.text())
    .catch(() => "");
  return text.includes("<?xml") || text.includes("<Error>");
}

/** Waits until an S3 server speaks. @throws Error when its process ends before, or after so many seconds. */
export async function untilAnswers(endpoint: string, server: ChildProcess, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await answers(endpoint))) {
    if (server.exitCode !== null || server.signalCode !== null) throw new Error("the server ended before it answered");
    if (Date.now() > deadline) throw new Error(`the server did not answer for ${seconds} s`);
    await delay(INTERVAL_MILLISECONDS);
  }
}
