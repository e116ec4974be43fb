/** A file that holds a token and nothing else. Its path is in no error: whoever sets the wrong variable has put the token there. */
import { createReadStream } from "node:fs";
import { CliError, toLocalError } from "../cli-error.ts";

/** More than any token has, so that what is no token file is not read to its end, if it has one. */
const MAX_BYTES = 64 * 1024;

/**
 * @param name the flag or variable that names the file, for the error.
 * @throws CliError Usage; not NotFound, which is what a missing object is.
 */
export async function readTokenFile(path: string, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    // A stream, for what has no size: `--token-file <(command)`.
    for await (const chunk of createReadStream(path, { end: MAX_BYTES })) chunks.push(Buffer.from(chunk));
  } catch (error) {
    throw new CliError("Usage", `${name} names a file that cannot be read`, {
      reason: toLocalError(error, path).reason ?? "the file system failed",
      hint: "it must be the path of a file with the token; a token itself belongs into S3R_TOKEN",
    });
  }
  return Buffer.concat(chunks).toString("utf8");
}
