/** How the store's double answers GET and HEAD of an object that is there. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { SeenRequest } from "./seen-request.ts";
import type { StoreFault } from "./store-fault.ts";
import { storedObject, type StoredObject } from "./stored-object.ts";

export interface Sending {
  readonly object: StoredObject;
  readonly request: SeenRequest;
  readonly response: ServerResponse;
  readonly fault: StoreFault | undefined;
  /** Puts other bytes in its place. */
  readonly replace: (bytes: Buffer) => void;
}

/** @param share of the bytes that come before the one that changes. */
function flipped(bytes: Buffer, share = 0): Buffer {
  const copy = Buffer.from(bytes);
  const position = Math.min(copy.length - 1, Math.floor(share * copy.length));
  if (position >= 0) copy.writeUInt8(copy.readUInt8(position) ^ 1, position);
  return copy;
}

/** What happens to the bytes that are to come, and after which share of them. */
function damageOf(fault: StoreFault | undefined): { readonly what: string; readonly share: number } {
  const [what = "", share] = fault?.split("@") ?? [];
  return { what, share: share === undefined ? 0.5 : Number(share) };
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
  else if (fault !== "unterminated")
    response.setHeader("content-length", last + 1 - first + (fault === "extra-bytes" ? 1 : 0));
  response.writeHead(range === undefined ? 200 : 206, {
    etag: object.etag,
    ...object.headers,
    ...(range === undefined ? {} : { "content-range": `bytes ${said}-${last}/${length}` }),
  });
}

/** So many of the bytes, and then the end of the connection. */
async function sendBroken(bytes: Buffer, { response }: Sending, isReset: boolean): Promise<void> {
  if (bytes.length > 0 && !response.write(bytes)) await once(response, "drain");
  response.flushHeaders();
  if (isReset) response.socket?.resetAndDestroy();
  else response.socket?.destroySoon();
}

/** The double of a store that does not look at If-Match, and what it has instead. */
function replacedMeanwhile({ object, replace }: Sending): StoredObject {
  const bytes = flipped(object.bytes);
  replace(bytes);
  return storedObject(bytes);
}

export async function sendObject(asked: Sending): Promise<void> {
  const { request, response, fault } = asked;
  const sending = fault === "ignored-match" ? { ...asked, object: replacedMeanwhile(asked) } : asked;
  const { object } = sending;
  const { "if-match": match = object.etag } = request.headers;
  if (match !== object.etag && fault !== "ignored-match") {
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
  await sendBytes(object.bytes.subarray(first, last + 1), sending);
}

async function sendBytes(bytes: Buffer, sending: Sending): Promise<void> {
  const { object, request, response, fault, replace } = sending;
  const { what, share } = damageOf(fault);
  const isBroken = what === "cut" || what === "reset" || what === "replaced";
  if (request.method === "HEAD") response.end();
  else if (isBroken) {
    const isReset = what === "reset";
    await sendBroken(bytes.subarray(0, Math.ceil(bytes.length * share)), sending, isReset);
    if (what === "replaced") replace(flipped(object.bytes));
  } else if (what === "unterminated") await sendBroken(bytes, sending, false);
  else if (what === "flipped-bit") response.end(flipped(bytes, fault === "flipped-bit" ? 0 : share));
  else response.end(what === "extra-bytes" ? Buffer.concat([bytes, Buffer.of(0)]) : bytes);
}
