/** Stdin as something to upload. */
import { fstatSync } from "node:fs";
import { CliError } from "../cli-error.ts";
import { createBufferSource, openFileSource, type Source } from "../transfer/source.ts";
import { usageError } from "./command.ts";

/** Of stdin whose length is not known, as much is kept in memory; uploads in parts will lift this. */
const MAX_BUFFERED_BYTES = 64 * 1024 ** 2;

async function buffer(stdin: NodeJS.ReadStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
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

/** @throws CliError Usage for a terminal, or more than 64 MiB from a pipe. */
export async function openStdinSource(stdin: NodeJS.ReadStream): Promise<Source> {
  if (stdin.isTTY)
    throw usageError("nothing is piped to stdin", "it is a terminal", "pipe something: tar cz DIR | s3r put - KEY");
  // `< file`: it has a size, and can be read again for each attempt.
  if (fstatSync(0).isFile()) return await openFileSource("/dev/stdin", "stdin");
  return createBufferSource(await buffer(stdin), "stdin");
}
