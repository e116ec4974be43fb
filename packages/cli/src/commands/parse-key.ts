import { parseObjectKey, parsePrefix, ProtocolError } from "@s3r/shared";
import { CliError } from "../cli-error.ts";

function checked(parse: (key: string) => string, key: string): string {
  try {
    return parse(key);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new CliError("Usage", `${JSON.stringify(key)} is no object key`, {
      reason: error.message,
      hint: "a key is written as it is, without a leading / and not percent-encoded",
      cause: error,
    });
  }
}

/** @throws CliError Usage, before any request. */
export function parseKeyArgument(key: string): string {
  return checked(parseObjectKey, key);
}

/** @throws CliError Usage, before any request. */
export function parsePrefixArgument(prefix: string): string {
  return checked(parsePrefix, prefix);
}
