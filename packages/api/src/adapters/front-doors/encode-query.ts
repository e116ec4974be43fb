/** From the query parameters of an event, which has them in maps, to a query string. */
import { percentEncode, ProtocolError } from "@s3r/shared";

type Single = Readonly<Record<string, string>> | null | undefined;
type Multiple = Readonly<Record<string, readonly string[]>> | null | undefined;

/** Every value in the order of its name; the order among names is lost, and means nothing here. */
function toPairs(single: Single, multiple: Multiple): readonly (readonly [name: string, value: string])[] {
  if (multiple)
    return Object.entries(multiple).flatMap(([name, values]) => values.map((value) => [name, value] as const));
  return Object.entries(single ?? {});
}

function toQuery(pairs: readonly (readonly [string, string])[]): string {
  return pairs.length === 0 ? "" : `?${pairs.map(([name, value]) => `${name}=${value}`).join("&")}`;
}

function encodeOnce(decoded: string): string {
  // What was no UTF-8 has become U+FFFD, and another value than the client's.
  if (!decoded.isWellFormed() || decoded.includes("\u{fffd}")) {
    throw new ProtocolError("InvalidRequest", "a query parameter is not valid percent-encoded UTF-8");
  }
  return percentEncode(decoded);
}

/**
 * Of maps with decoded names and values (a REST API). Empty, or with the `?`.
 * @throws ProtocolError InvalidRequest for what was no UTF-8.
 */
export function encodeQuery(single: Single, multiple: Multiple): string {
  return toQuery(toPairs(single, multiple).map(([name, value]) => [encodeOnce(name), encodeOnce(value)] as const));
}

/** Of maps with names and values as they came (an ALB). */
export function joinQuery(single: Single, multiple: Multiple): string {
  return toQuery(toPairs(single, multiple));
}
