/**
 * A double of S3: objects in memory, S3's strictness where clients trip over it, and faults on demand.
 * It checks which headers were signed, not the signature.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { listen } from "./listen.ts";
import { seenRequest, type SeenRequest } from "./seen-request.ts";
import { sendObject } from "./send-object.ts";
import { isRefusal, REFUSALS, type Refusal, type StoreFault } from "./store-fault.ts";
import { crc32Base64, storedObject, type StoredObject } from "./stored-object.ts";

export interface Store extends AsyncDisposable {
  readonly port: number;
  /** By their keys, unescaped. */
  readonly objects: Map<string, StoredObject>;
  readonly seen: readonly SeenRequest[];
  /** The answer to any listing. */
  listing: string;
  /** What befalls the next requests, in their order. */
  failNext(...faults: readonly StoreFault[]): void;
}

interface Exchange {
  readonly store: Pick<Store, "objects" | "listing">;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly request: SeenRequest;
  readonly key: string;
  readonly fault: StoreFault | undefined;
}

function refuse(response: ServerResponse, { status, code, message = code, headers = {} }: Refusal): void {
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, headers).end(code === "" ? "" : xml);
}

/** What S3 refuses in any request with a signed URL. */
function strictness({ target, headers }: SeenRequest): Refusal | undefined {
  const url = new URL(target, "http://store");
  const signed = new Set(url.searchParams.get("X-Amz-SignedHeaders")?.split(";"));
  if (headers["authorization"] !== undefined) return { status: 400, code: "InvalidArgument" };
  if (headers["transfer-encoding"] !== undefined) return { status: 501, code: "NotImplemented" };
  const unsigned = Object.keys(headers).find((name) => name.startsWith("x-amz-") && !signed.has(name));
  if (unsigned !== undefined) return { status: 403, code: "AccessDenied", message: `${unsigned} was not signed` };
  const missing = [...signed].find((name) => headers[name] === undefined);
  return missing === undefined ? undefined : { status: 403, code: "SignatureDoesNotMatch", message: `no ${missing}` };
}

async function readBody({ incoming, request, fault }: Exchange): Promise<Buffer | undefined> {
  const half = Number(request.headers["content-length"]) / 2;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.byteLength;
    if (fault === "reset-at-half" && length >= half) {
      incoming.socket.resetAndDestroy();
      return undefined;
    }
  }
  return Buffer.concat(chunks);
}

function digestRefusal(bytes: Buffer, headers: SeenRequest["headers"]): Refusal | undefined {
  const { "x-amz-checksum-crc32": crc32 = crc32Base64(bytes), "content-md5": md5 } = headers;
  const same = crc32 === crc32Base64(bytes) && md5 === (md5 && createHash("md5").update(bytes).digest("base64"));
  return same ? undefined : REFUSALS["bad-digest"];
}

async function put(exchange: Exchange): Promise<void> {
  const { store, incoming, response, request, key, fault } = exchange;
  if (fault === "early-denied") {
    refuse(response, REFUSALS.denied);
    response.once("finish", () => incoming.socket.destroy());
    return;
  }
  const bytes = await readBody(exchange).catch(() => undefined);
  if (bytes === undefined) return;
  if (request.headers["if-none-match"] === "*" && store.objects.has(key)) {
    refuse(response, { status: 412, code: "PreconditionFailed" });
    return;
  }
  const refusal = digestRefusal(bytes, request.headers);
  if (refusal !== undefined) {
    refuse(response, refusal);
    return;
  }
  const kept = Object.entries(request.headers).filter(([name]) =>
    /^(?:content-type|cache-control|x-amz-meta-.*)$/u.test(name),
  );
  const stored = storedObject(bytes, Object.fromEntries(kept));
  store.objects.set(key, stored);
  if (fault === "lost-answer") incoming.socket.resetAndDestroy();
  else response.writeHead(200, { etag: stored.etag }).end();
}

async function answer(exchange: Exchange): Promise<void> {
  const { store, incoming, response, request, key, fault } = exchange;
  if (fault === "stall") return;
  const refusal = fault !== undefined && isRefusal(fault) ? REFUSALS[fault] : strictness(request);
  if (refusal !== undefined) {
    incoming.resume();
    if (incoming.complete || Number(request.headers["content-length"] ?? 0) === 0) refuse(response, refusal);
    else incoming.once("end", () => refuse(response, refusal));
  } else if (request.method === "PUT") {
    await put(exchange);
  } else if (request.method === "DELETE") {
    store.objects.delete(key);
    response.writeHead(204).end();
  } else if (request.target.includes("list-type=2")) {
    response.writeHead(200).end(store.listing);
  } else {
    const object = store.objects.get(key);
    if (object === undefined) refuse(response, { status: 404, code: "NoSuchKey" });
    else
      await sendObject({
        object,
        request,
        response,
        fault,
        replace: (bytes) => void store.objects.set(key, storedObject(bytes)),
      });
  }
}

export async function startStore(): Promise<Store> {
  const seen: SeenRequest[] = [];
  const faults: StoreFault[] = [];
  const store = { objects: new Map<string, StoredObject>(), listing: "" };
  const server = await listen((incoming, response) => {
    const request = seenRequest(incoming);
    seen.push(request);
    const key = decodeURIComponent(request.target.split("?")[0]?.replace(/^\/bucket\//u, "") ?? "");
    void answer({ store, incoming, response, request, key, fault: faults.shift() });
  });
  return Object.assign(store, {
    port: server.port,
    seen,
    failNext: (...names: readonly StoreFault[]) => void faults.push(...names),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
}
