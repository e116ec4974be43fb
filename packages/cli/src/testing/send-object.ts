/** How the store's double answers GET and HEAD of an object that is there. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { SeenRequest } from "./seen-request.ts";
import type { StoreFault } from "./store-fault.ts";
import type { StoredObject } from "./stored-object.ts";

export interface Sending {
  readonly object: StoredObject;
  readonly request: SeenRequest;
  readonly response: ServerResponse;
  readonly fault: StoreFault | undefined;
  /** Puts other bytes in its place. */
  readonly replace: (bytes: Buffer) => void;
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(0) ^ 1, 0);
  return copy;
}

/** First and last byte of what is asked for; nothing for all of it. */
function askedRange({ object, request, fault }: Sending): readonly [number, number] | undefined {
  if (fault === "ignored-range") return undefined;
  const [, first, last = ""] = /^bytes=(\d*)-(\d*)$/u.exec(request.headers["range"] ?? "") ?? [];
  if (first === undefined) return undefined;
  const end = object.bytes.length - 1;
  if (first === "") return [Math.max(0, end + 1 - Number(last)), end];
  return [Number(first), last === "" ? end : Math.min(end, Number(last))];
}

function writeHead({ object, response, fault }: Sending, range: readonly [number, number] | undefined): void {
  const { length } = object.bytes;
  const [first, last] = range ?? [0, length - 1];
  const said = fault === "wrong-range" ? first + 1 : first;
  if (fault === "no-length") response.removeHeader("transfer-encoding");
  else response.setHeader("content-length", last + 1 - first);
  response.writeHead(range === undefined ? 200 : 206, {
    etag: object.etag,
    ...object.headers,
    ...(range === undefined ? {} : { "content-range": `bytes ${said}-${last}/${length}` }),
  });
}

export async function sendObject(sending: Sending): Promise<void> {
  const { object, request, response, fault } = sending;
  if (request.headers["if-match"] !== undefined && request.headers["if-match"] !== object.etag) {
    response.writeHead(412).end();
    return;
  }
  const range = askedRange(sending);
  if (range !== undefined && range[0] > range[1]) {
    response.writeHead(416, { "content-range": `bytes */${object.bytes.length}` }).end();
    return;
  }
  writeHead(sending, range);
  const [first, last] = range ?? [0, object.bytes.length - 1];
  const asked = object.bytes.subarray(first, last + 1);
  const rest = fault === "flipped-bit" ? flipped(asked) : asked;
  if (request.method === "HEAD" || (fault !== "cut" && fault !== "replaced")) {
    response.end(request.method === "HEAD" ? undefined : rest);
    return;
  }
  if (!response.write(rest.subarray(0, Math.ceil(rest.length / 2)))) await once(response, "drain");
  if (fault === "replaced") sending.replace(flipped(object.bytes));
  response.socket?.destroySoon();
}
