/** For tests: a request as a client puts it on the wire, before any front door has seen it. */
export interface WireRequest {
  readonly method: string;
  /** Origin form (RFC 9112 3.2.1). */
  readonly target: string;
  /** In the client's order and case; `host` is not among them. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
}

export function splitWireTarget({ target }: WireRequest): { readonly path: string; readonly query: string } {
  const [path = "", ...rest] = target.split("?");
  return { path, query: rest.join("?") };
}

/** With the `content-length` that a client adds to a body, unless it sends it in chunks. */
export function wireHeaders({ headers = [], body }: WireRequest): readonly (readonly [string, string])[] {
  const isChunked = headers.some(([name]) => name.toLowerCase() === "transfer-encoding");
  const length =
    body === undefined || isChunked ? [] : ([["Content-Length", String(Buffer.byteLength(body))]] as const);
  return [...headers, ...length];
}

/** `name` → its values, under the first spelling of the name. */
export function groupHeaders(headers: readonly (readonly [string, string])[]): Record<string, string[]> {
  const groups = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (const [name, value] of headers) {
    const group = groups.get(name.toLowerCase()) ?? { name, values: [] };
    group.values.push(value);
    groups.set(name.toLowerCase(), group);
  }
  return Object.fromEntries([...groups.values()].map(({ name, values }) => [name, values]));
}
