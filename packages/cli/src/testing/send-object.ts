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

/** Where the answer's body begins. */
function rangeStart({ request, fault }: Sending): number {
  if (fault === "ignored-range") return 0;
  return Number(/^bytes=(\d+)-$/u.exec(request.headers["range"] ?? "")?.[1] ?? 0);
}

function writeHead(sending: Sending, start: number): void {
  const { object, response, fault } = sending;
  const { length } = object.bytes;
  const said = fault === "wrong-range" ? start + 1 : start;
  if (fault === "no-length") response.removeHeader("transfer-encoding");
  else response.setHeader("content-length", length - start);
  response.writeHead(start === 0 ? 200 : 206, {
    etag: object.etag,
    ...object.headers,
    ...(start === 0 ? {} : { "content-range": `bytes ${said}-${length - 1}/${length}` }),
  });
}

export async function sendObject(sending: Sending): Promise<void> {
  const { object, request, response, fault } = sending;
  if (request.headers["if-match"] !== undefined && request.headers["if-match"] !== object.etag) {
    response.writeHead(412).end();
    return;
  }
  const start = rangeStart(sending);
  writeHead(sending, start);
  const rest = (fault === "flipped-bit" ? flipped(object.bytes) : object.bytes).subarray(start);
  if (request.method === "HEAD" || (fault !== "cut" && fault !== "replaced")) {
    response.end(request.method === "HEAD" ? undefined : rest);
    return;
  }
  if (!response.write(rest.subarray(0, Math.ceil(rest.length / 2)))) await once(response, "drain");
  if (fault === "replaced") sending.replace(flipped(object.bytes));
  response.socket?.destroySoon();
}
