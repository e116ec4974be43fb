import { toLocalError, CliError } from "../cli-error.ts";

/** Of a file that is to be written. A folder that is missing is no missing object: the two have exit codes of their own. */
export function toWriteError(error: unknown, path: string): CliError {
  const known = toLocalError(error, `cannot write ${path}`);
  if (known.code !== "NotFound") return known;
  return new CliError("LocalIo", known.message, {
    ...(known.reason === undefined ? {} : { reason: known.reason }),
    hint: "make the directory first",
    cause: error,
  });
}
