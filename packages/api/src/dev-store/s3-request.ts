/** A request as the dev store's operations see it: parsed, with its body still on the wire. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { RequestBody } from "./body/request-body.ts";
import type { ByteRange } from "./disk/blobs.ts";
import type { Segment } from "./disk/records.ts";
import { S3Error } from "./s3-error.ts";

export interface S3Request {
  readonly method: string;
  readonly target: string;
  /** `""` for the list of buckets. */
  readonly bucket: string;
  /** `""` for the bucket itself. */
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  /** Invites the body, if the client waits for that, when it is first read. */
  readonly openBody: () => RequestBody;
}

/** A range of consecutive segments' bytes. */
export interface StoredBytes {
  readonly segments: readonly Segment[];
  readonly range: ByteRange;
}

export interface S3Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** XML, or a range of an object's bytes. */
  readonly body?: string | StoredBytes;
}

function invalid(): never {
  throw new S3Error("InvalidURI", "Couldn't parse the specified URI.");
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return invalid();
  }
}

/** A repeated parameter is refused: two readers might take different ones. */
function parseQuery(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split("&").filter((each) => each !== "")) {
    const at = pair.indexOf("=");
    const name = decode((at === -1 ? pair : pair.slice(0, at)).replaceAll("+", " "));
    if (parameters.has(name))
      throw new S3Error("InvalidArgument", `The query parameter ${name} is given more than once.`);
    parameters.set(name, at === -1 ? "" : decode(pair.slice(at + 1).replaceAll("+", " ")));
  }
  return parameters;
}

const MAX_KEY_BYTES = 1024;

/** Path style: `/bucket/key`. */
function parsePath(path: string): { readonly bucket: string; readonly key: string } {
  if (!path.startsWith("/")) invalid();
  const at = path.indexOf("/", 1);
  const bucket = decode(at === -1 ? path.slice(1) : path.slice(1, at));
  const key = decode(at === -1 ? "" : path.slice(at + 1));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error("KeyTooLongError", "Your key is too long", {
      elements: { MaxSizeAllowed: String(MAX_KEY_BYTES) },
    });
  }
  return { bucket, key };
}

export function parseRequest(incoming: IncomingMessage, openBody: () => RequestBody): S3Request {
  const target = incoming.url ?? "/";
  const at = target.indexOf("?");
  return {
    method: incoming.method ?? "GET",
    target,
    ...parsePath(at === -1 ? target : target.slice(0, at)),
    query: parseQuery(at === -1 ? "" : target.slice(at + 1)),
    headers: incoming.headers,
    openBody,
  };
}
