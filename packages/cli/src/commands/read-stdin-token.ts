/** A token on stdin: of whatever is piped there. */
import { addAbortSignal } from "node:stream";
import { toLocalError } from "../cli-error.ts";
import type { CommandContext } from "./command.ts";
import { usageError } from "./command.ts";

const MAX_BYTES = 64 * 1024;

/** @throws CliError Usage for a terminal, which would show it, and for what is too long to be a token. */
export async function readStdinToken({ stdin, signal }: Pick<CommandContext, "stdin" | "signal">): Promise<string> {
  if (stdin.isTTY) throw usageError("no token is piped to stdin", "it is a terminal", "pipe one, or use s3r login");
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of addAbortSignal(signal, stdin)) {
      const bytes = Buffer.from(chunk);
      size += bytes.byteLength;
      if (size > MAX_BYTES) throw usageError("stdin holds no token", "it is too long", "pipe the token alone");
      chunks.push(bytes);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw toLocalError(error, "cannot read stdin");
  }
  return Buffer.concat(chunks).toString("utf8");
}
