import { parseObjectKey, ProtocolError } from "@s3r/shared";
import { CliError } from "../cli-error.ts";

/**
 * The key of a file below a prefix. Nothing is repaired: another name would be another object.
 * @throws CliError Usage, about this file alone.
 */
export function keyOfFile(prefix: string, relative: string, path: string): string {
  try {
    return parseObjectKey(prefix + relative);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new CliError("Usage", `${path} has a name that is no object key`, {
      reason: error.message,
      hint: "rename it, or leave it out: --exclude",
      cause: error,
    });
  }
}
