import type { CliError } from "../cli-error.ts";

/** Has been reported where it happened: only its exit code is still of use. */
export class ReportedError extends Error {
  override readonly name = "ReportedError";
  readonly error: CliError;

  constructor(error: CliError) {
    super(error.message, { cause: error });
    this.error = error;
  }
}
