/** Stdin as something to upload. */
import { fstatSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import type { InputStream } from "../terminal/streams.ts";
import { openFileSource, type Source } from "../transfer/source.ts";
import { usageError } from "./command.ts";

/** Something to upload: with a length, and to be read as often as it takes, or a stream of neither. */
export type UploadInput =
  | { readonly kind: "source"; readonly source: Source }
  | { readonly kind: "stream"; readonly chunks: AsyncIterable<Uint8Array | string> };

/** Whoever had the file before may have read a part of it (proc_pid_fdinfo(5)); 0 where no system says so. */
async function stdinOffset(): Promise<number> {
  const information = await readFile("/proc/self/fdinfo/0", "utf8").catch(() => "");
  return Number(/^pos:\s+(\d{1,15})$/mu.exec(information)?.[1] ?? 0);
}

/** @throws CliError Usage for a terminal. */
export async function openStdin(stdin: InputStream, signal: AbortSignal): Promise<UploadInput> {
  if (stdin.isTTY)
    throw usageError("nothing is piped to stdin", "it is a terminal", "pipe something: tar cz DIR | s3r put - KEY");
  // `< file`: it has a size, and can be read again for each attempt.
  if (fstatSync(0).isFile())
    return { kind: "source", source: await openFileSource("/dev/stdin", "stdin", await stdinOffset()) };
  return { kind: "stream", chunks: addAbortSignal(signal, stdin) };
}
