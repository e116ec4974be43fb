import { MAX_SINGLE_PUT_BYTES } from "@s3r/shared";
import { CliError } from "../cli-error.ts";
import type { Source } from "./source.ts";

/** Of what needs parts, to an API that knows none. */
export function tooLargeForOnePut({ name }: Pick<Source, "name">): CliError {
  return new CliError("Usage", `${name} is too large for this API`, {
    reason: `one PUT carries at most ${MAX_SINGLE_PUT_BYTES} bytes (5 GiB), and the API signs no uploads in parts`,
    hint: "split it, or use an s3r API: a bare redirector has no POST /.s3r/sign",
  });
}
