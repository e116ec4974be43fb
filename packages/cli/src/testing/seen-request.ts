/** What a double keeps of a request, for the test that asks. */
import type { IncomingMessage } from "node:http";

export interface SeenRequest {
  readonly method: string;
  /** As sent: escaped, with the query. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

export function seenRequest({ method = "", url = "", headers }: IncomingMessage): SeenRequest {
  return {
    method,
    target: url,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  };
}
