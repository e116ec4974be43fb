/** From the parts of a request, however they came, to a Request; refuses what a Request would silently change. */
import { ProtocolError } from "@s3r/shared";
import { methodNotAllowed } from "./method-not-allowed.ts";

export interface RequestParts {
  readonly method: string;
  /** As they came, in any case, every value of a name in its order. */
  readonly headers: Iterable<readonly [name: string, values: readonly string[]]>;
  readonly body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null;
}

/** Headers whose repetition would be dropped, or joined to another value than the client will send to S3. */
const SINGLE_HEADER = /^(?:authorization|host|expires|cache-control|content-.*|if-.*|x-amz-.*|s3r-.*)$/iu;

function append(headers: Headers, name: string, value: string): void {
  if (SINGLE_HEADER.test(name) && headers.has(name)) {
    throw new ProtocolError("InvalidRequest", `the header \`${name.toLowerCase()}\` is given more than once`);
  }
  headers.append(name, value);
}

function toHeaders(given: RequestParts["headers"]): Headers {
  const headers = new Headers();
  try {
    for (const [name, values] of given) for (const value of values) append(headers, name, value);
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause;
    throw new ProtocolError("InvalidHeader", "a header's name or value is not valid HTTP", { cause });
  }
  return headers;
}

/** @throws ProtocolError InvalidRequest, InvalidHeader or MethodNotAllowed. */
export function toRequest({ method, headers: given, body }: RequestParts): Request {
  const headers = toHeaders(given);
  // Fetch would turn `get` into GET, another method (RFC 9110 9.1).
  if (!/^[A-Z]{1,32}$/u.test(method)) throw methodNotAllowed("that method");
  // Fetch forbids these methods in a Request ("forbidden method").
  if (/^(?:CONNECT|TRACE|TRACK)$/u.test(method)) throw methodNotAllowed(method);
  // The URL is a stand-in: what the client asked for is the target, which goes beside it.
  return new Request(
    "http://s3r.invalid/",
    body === null ? { method, headers } : { method, headers, body, duplex: "half" },
  );
}
