/**
 * The embedded S3 for development and tests: strict about signatures, real about files. This file is
 * its HTTP edge; `operations/` is what S3 does, `disk/` what is kept.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { mkdir } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { closeServer } from "../adapters/close-server.ts";
import { createDrain, hasBody } from "../adapters/drain-request.ts";
import { verifySignature, type Verifier } from "./auth/verify-signature.ts";
import { openRequestBody, type RequestBody } from "./body/request-body.ts";
import { corsHeaders, preflightHeaders } from "./cors.ts";
import { lockDirectory } from "./disk/directory-lock.ts";
import { openStorage, type Storage } from "./disk/storage.ts";
import { corruptFirst, createFaults, damageBody, refusalOf, type FaultName, type FaultPlan } from "./faults.ts";
import type { KeyPair } from "./key-pair.ts";
import type { OperationContext } from "./operations/context.ts";
import { performOperation } from "./operations/route-operation.ts";
import { S3Error } from "./s3-error.ts";
import { parseRequest, type S3Answer, type StoredBytes } from "./s3-request.ts";
import { formatXml } from "./xml/format-xml.ts";

export { StoreLockedError } from "./disk/directory-lock.ts";

export interface DevStoreOptions {
  readonly directory: string;
  /** Made when they are not there yet. */
  readonly buckets: readonly string[];
  readonly region: string;
  readonly keyPair: KeyPair;
  readonly now?: () => Date;
  /** What goes wrong on purpose; nothing does without. */
  readonly faults?: FaultPlan;
  /** Told of errors that are the store's own. */
  readonly onError?: (error: unknown) => void;
}

export interface DevStore {
  /** Not listening yet. */
  readonly server: Server;
  close(): Promise<void>;
}

/** S3 closes idle connections after some seconds; clients must cope. */
const KEEP_ALIVE_MILLISECONDS = 5000;

function toS3Error(error: unknown, onError: (error: unknown) => void): S3Error {
  if (error instanceof S3Error) return error;
  onError(error);
  return new S3Error("InternalError", "We encountered an internal error. Please try again.");
}

function errorAnswer(error: S3Error, target: string, requestId: string): S3Answer {
  // 304 has no body (RFC 9110 15.4.5).
  if (error.code === "NotModified") return { status: 304, headers: error.headers };
  const [resource = "/"] = target.split("?");
  const body = formatXml(
    "Error",
    { Code: error.code, Message: error.message, ...error.elements, Resource: resource, RequestId: requestId },
    false,
  );
  return { status: error.status, headers: error.headers, body };
}

function headersOf(
  { headers = {}, body }: S3Answer,
  requestId: string,
  incoming: IncomingMessage,
): Record<string, string> {
  const text =
    typeof body === "string"
      ? { "content-type": "application/xml", "content-length": String(Buffer.byteLength(body)) }
      : {};
  return {
    "x-amz-request-id": requestId,
    ...corsHeaders(incoming.headers),
    ...(body === undefined && !("content-length" in headers) ? { "content-length": "0" } : {}),
    ...text,
    ...headers,
  };
}

const drainRequest = createDrain();

/** The two ends of one request. */
interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly requestId: string;
  readonly fault: FaultName | undefined;
}

async function sendBytes(
  { segments, range }: StoredBytes,
  { outgoing, fault }: Exchange,
  { pipe }: Pick<Storage["blobs"], "pipe">,
): Promise<void> {
  const damage = damageBody(fault, range.end + 1 - range.start);
  if (damage === undefined) await pipe(segments, range, outgoing);
  else await Promise.all([pipe(segments, range, damage), pipeline(damage, outgoing)]);
}

async function writeAnswer(answer: S3Answer, exchange: Exchange, { blobs }: Storage): Promise<void> {
  const { incoming, outgoing, requestId } = exchange;
  const { status, body } = answer;
  if (hasBody(incoming) && !incoming.readableEnded) drainRequest(incoming, outgoing);
  const headers = headersOf(answer, requestId, incoming);
  if (status === 204 || status === 304) delete headers["content-length"];
  outgoing.writeHead(status, headers);
  if (incoming.method === "HEAD" || body === undefined) outgoing.end();
  else if (typeof body === "string") outgoing.end(body);
  else await sendBytes(body, exchange, blobs);
}

/** The body is invited and taken from the socket only when an operation begins to read it. */
function bodyOpener({ incoming, outgoing, fault }: Exchange, expects100: boolean): () => RequestBody {
  async function* raw(): AsyncGenerator<Uint8Array> {
    if (expects100) outgoing.writeContinue();
    try {
      // A refusal in mid body still has to be answered on this socket.
      yield* incoming.iterator({ destroyOnReturn: false });
    } catch (error) {
      if (!incoming.destroyed) throw error;
      throw new S3Error("IncompleteBody", "The connection was closed before the body was whole.");
    }
  }
  return () => openRequestBody(incoming.headers, fault === "corrupt" ? corruptFirst(raw()) : raw());
}

async function openWithBuckets(directory: string, buckets: readonly string[], now: () => Date): Promise<Storage> {
  const storage = await openStorage(directory);
  for (const bucket of buckets) if (!storage.buckets().has(bucket)) await storage.createBucket(bucket, now().getTime());
  return storage;
}

/** Opens the directory, which is this store's own until it is closed. @throws StoreLockedError */
export async function openDevStore(options: DevStoreOptions): Promise<DevStore> {
  const { directory, buckets, region, keyPair, now = () => new Date() } = options;
  await mkdir(directory, { recursive: true });
  const unlock = await lockDirectory(directory);
  const storage = await openWithBuckets(directory, buckets, now).catch(async (error: unknown) => {
    await unlock();
    throw error;
  });
  const context: OperationContext = { storage, region, now: () => now().getTime() };
  const server = createStoreServer(context, { keyPair, region, now }, options);
  return {
    server,
    async close() {
      if (server.listening) await closeServer(server);
      await unlock();
    },
  };
}

/** The connection breaks within so many milliseconds: before the body, within it, or after the answer. */
const RESET_MILLISECONDS = 50;

function createStoreServer(
  context: OperationContext,
  verifier: Verifier,
  { faults = {}, onError = () => {} }: Pick<DevStoreOptions, "faults" | "onError">,
): Server {
  const nextFault = createFaults(faults, Math.random);

  async function perform({ incoming, fault }: Exchange, openBody: () => RequestBody): Promise<S3Answer> {
    const refusal = refusalOf(fault);
    if (refusal !== undefined) throw refusal;
    if (incoming.method === "OPTIONS") return { status: 200, headers: preflightHeaders(incoming.headers) };
    const request = parseRequest(incoming, openBody);
    verifySignature(request, verifier);
    return await performOperation(context, request);
  }

  async function handle(exchange: Exchange, expects100: boolean): Promise<void> {
    const { incoming, requestId, fault } = exchange;
    if (fault === "stall") return;
    if (fault === "reset") setTimeout(() => incoming.socket.resetAndDestroy(), Math.random() * RESET_MILLISECONDS);
    const result = await perform(exchange, bodyOpener(exchange, expects100)).catch((error: unknown) =>
      errorAnswer(toS3Error(error, onError), incoming.url ?? "/", requestId),
    );
    if (fault === "lost-answer") incoming.socket.resetAndDestroy();
    else await writeAnswer(result, exchange, context.storage);
  }

  const listener = (expects100: boolean) => (incoming: IncomingMessage, outgoing: ServerResponse) => {
    // What fails here is a client that has gone, or a disk: the connection tells the client, nothing else can.
    const requestId = randomBytes(8).toString("hex").toUpperCase();
    handle({ incoming, outgoing, requestId, fault: nextFault() }, expects100).catch(() => outgoing.destroy());
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MILLISECONDS, requestTimeout: 0 });
  server.on("request", listener(false));
  server.on("checkContinue", listener(true));
  return server;
}
