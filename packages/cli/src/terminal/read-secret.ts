/** Asks a person for a secret: the question on stderr, and the answer not echoed. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CliError } from "../cli-error.ts";
import type { InputStream, TextStream } from "./streams.ts";

export interface Terminal {
  readonly stdin: InputStream;
  readonly stderr: TextStream;
  readonly signal: AbortSignal;
}

/** @throws CliError Interrupted at Ctrl-C, or the reason of the signal; Ctrl-D is an empty answer. */
export async function readSecret(question: string, { stdin, stderr, signal }: Terminal): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  // With `terminal` it takes the keys itself, so that the terminal echoes none.
  const lines = createInterface({ input: stdin, output: unseen, terminal: true, historySize: 0 });
  stderr.write(question);
  try {
    return await new Promise((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(""));
      lines.once("SIGINT", () => reject(new CliError("Interrupted", "interrupted")));
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  } finally {
    lines.close();
    stderr.write("\n");
  }
}
