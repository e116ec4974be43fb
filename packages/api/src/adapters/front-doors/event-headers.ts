/** The headers of an event as those of a request. */

/** JSON has text where HTTP has bytes (RFC 9110 5.5): a header beyond ASCII is its UTF-8 bytes, as a socket would give it. */
function toByteString(value: string): string {
  return /^[\0-\x7f]*$/u.test(value) ? value : Buffer.from(value, "utf8").toString("latin1");
}

type Single = Readonly<Record<string, string>>;
type Multiple = Readonly<Record<string, readonly string[]>>;
export type HeaderList = readonly (readonly [name: string, values: readonly string[]])[];

/**
 * @param single one value a header: the last one, or all of them joined by commas.
 * @param multiple every value; what counts where it is there.
 */
export function eventHeaders(single: Single | null | undefined, multiple?: Multiple | null): HeaderList {
  if (multiple) return Object.entries(multiple).map(([name, values]) => [name, values.map(toByteString)] as const);
  return Object.entries(single ?? {}).map(([name, value]) => [name, [toByteString(value)]] as const);
}

/** Payload 2.0 has cookies beside the headers; a function URL's events have them in both places. */
export function withCookies(headers: HeaderList, cookies: readonly string[] | null | undefined): HeaderList {
  if (!cookies || cookies.length === 0 || headers.some(([name]) => name.toLowerCase() === "cookie")) return headers;
  return [...headers, ["cookie", [toByteString(cookies.join("; "))]]];
}

/**
 * A REST API leaves `content-length` out. Its value is known from the body, and must be signed: or a client that
 * cannot repeat its body would store an empty object at S3 and report success.
 */
export function withLength(headers: HeaderList, bodyBytes: number | undefined): HeaderList {
  const isKnown = headers.some(([name]) => /^(?:content-length|transfer-encoding)$/iu.test(name));
  if (isKnown || bodyBytes === undefined || bodyBytes === 0) return headers;
  return [...headers, ["content-length", [String(bodyBytes)]]];
}
