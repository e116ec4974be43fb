/** Asks a person yes or no: the question on stderr. Anything but yes is no. */
import { createInterface } from "node:readline";
import type { Terminal } from "./read-secret.ts";

/** @throws the reason of the signal. */
export async function confirm(question: string, { stdin, stderr, signal }: Terminal): Promise<boolean> {
  const lines = createInterface({ input: stdin });
  stderr.write(`${question} [y/N] `);
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(""));
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return /^y(?:es)?$/iu.test(answer.trim());
  } finally {
    lines.close();
  }
}
