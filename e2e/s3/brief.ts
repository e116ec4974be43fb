/** What of an answer a check compares. */
import type { Answer } from "./ask.ts";

/** Status and code, such as `404 NoSuchKey`. */
export function brief({ status, code }: Answer): string {
  return code === "" ? String(status) : `${status} ${code}`;
}

/** The headers of these names; one that is not there is absent. */
export function pick(headers: Answer["headers"], names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.filter((name) => name in headers).map((name) => [name, headers[name]]));
}
