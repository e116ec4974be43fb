/** For tests: what the events of several front doors have in common. */
import type { WireRequest } from "./wire-request.ts";

const TRACE = "Root=1-6a5145aa-290a323a5de9a2e0636377d4";
interface EventBody {
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
}

/** Text stays text, unless the door is told that all is binary (`binaryMediaTypes`), or finds that it is. */
export function eventBody({ body }: WireRequest, isBinary: boolean): EventBody {
  if (body === undefined) return { body: null, isBase64Encoded: false };
  const bytes = Buffer.from(body);
  if (isBinary || typeof body !== "string") return { body: bytes.toString("base64"), isBase64Encoded: true };
  return { body, isBase64Encoded: false };
}

export function proxyHeaders(host: string): readonly (readonly [string, string])[] {
  return [
    ["Host", host],
    ["X-Amzn-Trace-Id", TRACE],
    ["X-Forwarded-For", "198.51.100.18"],
    ["X-Forwarded-Port", "443"],
    ["X-Forwarded-Proto", "https"],
  ];
}

export function lowerCase<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
}

/** An application/x-www-form-urlencoded decoder, as the gateways have one. */
export function decodeParameter(text: string): string {
  return decodeURIComponent(text.replaceAll("+", "%20"));
}

/** `null` where there is none. */
export function queryMap(query: string, decode: (text: string) => string): Record<string, string[]> | null {
  const map: Record<string, string[]> = {};
  for (const pair of query.split("&").filter((each) => each !== "")) {
    const [name = "", ...value] = pair.split("=");
    (map[decode(name)] ??= []).push(decode(value.join("=")));
  }
  return Object.keys(map).length === 0 ? null : map;
}

export function joinValues(map: Record<string, string[]> | null, join: (values: string[]) => string) {
  return map === null
    ? null
    : Object.fromEntries(Object.entries(map).map(([name, values]) => [name, join(values)] as const));
}

export const last = (values: readonly string[]): string => values.at(-1) ?? "";

export function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
