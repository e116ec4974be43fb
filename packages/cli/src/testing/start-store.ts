/**
 * A double of S3: objects in memory, S3's strictness where clients trip over it, and faults on demand.
 * It checks which headers were signed, not the signature.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { listen } from "./listen.ts";
import { createMultipartUploads, type MultipartAnswer, type MultipartUploads } from "./multipart-uploads.ts";
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
  /** Unfinished uploads in parts, by their IDs. */
  readonly uploads: MultipartUploads["open"];
  /** What befalls the next requests, in their order. */
  failNext(...faults: readonly StoreFault[]): void;
  /** What befalls the next of those requests. */
  /** Nothing befalls anything any more. */
  clearFaults(): void;
  failWhen(isMeant: (request: SeenRequest) => boolean, ...faults: readonly StoreFault[]): void;
}

interface Rule {
  readonly isMeant: (request: SeenRequest) => boolean;
  readonly faults: StoreFault[];
}

interface Exchange {
  readonly store: Pick<Store, "objects" | "listing"> & { readonly multipart: MultipartUploads };
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

/** What the store gets of the bytes that were sent. */
function arrived(bytes: Buffer, fault: StoreFault | undefined): Buffer {
  if (fault !== "flipped-on-the-way") return bytes;
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(copy.byteLength - 1) ^ 1, copy.byteLength - 1);
  return copy;
}

function queryOf({ target }: SeenRequest): Readonly<Record<string, string>> {
  return Object.fromEntries(new URL(target, "http://store").searchParams);
}

/** What was decided goes out, unless the fault lets it not. */
function reply({ incoming, response, fault }: Exchange, decided: MultipartAnswer | Refusal): void {
  if (fault === "lost-answer") incoming.socket.resetAndDestroy();
  else if ("code" in decided) refuse(response, decided);
  else if (fault === "cut-answer") response.writeHead(200).end(decided.body?.slice(0, 40));
  else response.writeHead(decided.status, decided.headers).end(decided.body);
}

const LATE_ERROR = `<?xml version="1.0"?>\n   \n<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>`;

async function post(exchange: Exchange): Promise<void> {
  const { store, response, request, key, fault } = exchange;
  const { uploadId } = queryOf(request);
  const body = await readBody(exchange).catch(() => undefined);
  if (body === undefined) return;
  if (fault === "late-error") response.writeHead(200).end(LATE_ERROR);
  else if (fault === "empty-answer") response.writeHead(200).end();
  else if (uploadId === undefined) reply(exchange, store.multipart.create(key, request.headers));
  else reply(exchange, store.multipart.complete(uploadId, request.headers, body.toString()));
}

/** Of an upload in parts: what is neither its parts nor its completion. */
function answerUpload(exchange: Exchange, uploadId: string): void {
  const { store, request } = exchange;
  const marker = Number(queryOf(request)["part-number-marker"] ?? 0);
  if (request.method === "DELETE") reply(exchange, store.multipart.abort(uploadId));
  else reply(exchange, store.multipart.list(uploadId, marker));
}

/** Leaves the bytes where they are. */
async function untilReadable(incoming: IncomingMessage, bytes: number): Promise<void> {
  while (incoming.readableLength < bytes) {
    incoming.read(0);
    await once(incoming, "readable");
  }
}

async function put(exchange: Exchange): Promise<void> {
  const { store, incoming, response, request, key, fault } = exchange;
  if (fault === "denied-at-8-kib") await untilReadable(incoming, 8 * 1024);
  if (fault === "early-denied" || fault === "denied-at-8-kib") {
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
  const refusal = digestRefusal(arrived(bytes, fault), request.headers);
  if (refusal !== undefined) {
    refuse(response, refusal);
    return;
  }
  const { partNumber, uploadId } = queryOf(request);
  if (partNumber !== undefined && uploadId !== undefined) {
    reply(exchange, store.multipart.put(uploadId, Number(partNumber), arrived(bytes, fault)));
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
  const { uploadId } = queryOf(request);
  if (fault === "stall") return;
  if (fault === "closes") response.once("finish", () => setTimeout(() => incoming.socket.destroy(), 2));
  const refusal = fault !== undefined && isRefusal(fault) ? REFUSALS[fault] : strictness(request);
  if (refusal !== undefined) {
    incoming.resume();
    if (incoming.complete || Number(request.headers["content-length"] ?? 0) === 0) refuse(response, refusal);
    else incoming.once("end", () => refuse(response, refusal));
  } else if (request.method === "PUT") {
    await put(exchange);
  } else if (request.method === "POST") {
    await post(exchange);
  } else if (uploadId !== undefined) {
    answerUpload(exchange, uploadId);
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
  const rules: Rule[] = [];
  const objects = new Map<string, StoredObject>();
  const multipart = createMultipartUploads(objects);
  const store = { objects, multipart, listing: "" };
  const server = await listen((incoming, response) => {
    const request = seenRequest(incoming);
    seen.push(request);
    const key = decodeURIComponent(request.target.split("?")[0]?.replace(/^\/bucket\//u, "") ?? "");
    const rule = rules.find(({ isMeant, faults: left }) => left.length > 0 && isMeant(request));
    void answer({ store, incoming, response, request, key, fault: rule?.faults.shift() ?? faults.shift() });
  });
  return Object.assign(store, {
    port: server.port,
    seen,
    uploads: multipart.open,
    failWhen: (isMeant: Rule["isMeant"], ...names: readonly StoreFault[]) =>
      void rules.push({ isMeant, faults: [...names] }),
    clearFaults: () => {
      faults.length = 0;
      rules.length = 0;
    },
    failNext: (...names: readonly StoreFault[]) => void faults.push(...names),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
}
