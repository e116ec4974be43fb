/** Stdin as something to upload. */
import { fstatSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { CliError, toLocalError } from "../cli-error.ts";
import type { InputStream } from "../terminal/streams.ts";
import { createBufferSource, openFileSource, type Source } from "../transfer/source.ts";
import { usageError } from "./command.ts";

/** Of stdin whose length is not known, as much is kept in memory; uploads in parts will lift this. */
const MAX_BUFFERED_BYTES = 64 * 1024 ** 2;

async function buffer(stdin: InputStream, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of addAbortSignal(signal, stdin)) {
    const bytes = Buffer.from(chunk);
    size += bytes.byteLength;
    if (size > MAX_BUFFERED_BYTES) {
      throw new CliError("Usage", "stdin is too large", {
        reason: `its length is not known, and only ${MAX_BUFFERED_BYTES} bytes (64 MiB) of it are kept for now`,
        hint: "write it to a file first, or redirect a file: s3r put - KEY < FILE",
      });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Whoever had the file before may have read a part of it (proc_pid_fdinfo(5)); 0 where no system says so. */
async function stdinOffset(): Promise<number> {
  const information = await readFile("/proc/self/fdinfo/0", "utf8").catch(() => "");
  return Number(/^pos:\s+(\d{1,15})$/mu.exec(information)?.[1] ?? 0);
}

/** @throws CliError Usage for a terminal, or more than 64 MiB from a pipe. */
export async function openStdinSource(stdin: InputStream, signal: AbortSignal): Promise<Source> {
  if (stdin.isTTY)
    throw usageError("nothing is piped to stdin", "it is a terminal", "pipe something: tar cz DIR | s3r put - KEY");
  // `< file`: it has a size, and can be read again for each attempt.
  if (fstatSync(0).isFile()) return await openFileSource("/dev/stdin", "stdin", await stdinOffset());
  try {
    return createBufferSource(await buffer(stdin, signal), "stdin");
  } catch (error) {
    signal.throwIfAborted();
    throw toLocalError(error, "cannot read stdin");
  }
}
