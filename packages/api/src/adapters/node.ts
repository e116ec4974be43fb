/** node:http ⇄ Request/Response: sockets, `Expect`, and bodies that nobody will read. Decides nothing about keys. */
import { randomUUID } from "node:crypto";
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { ProtocolError } from "@s3r/shared";
import { problemAnswer } from "../answer/problem-answer.ts";
import { createDrain, hasBody } from "./drain-request.ts";
import { lazyBody } from "./lazy-body.ts";
import { methodNotAllowed } from "./method-not-allowed.ts";
import { toRequest, type RequestParts } from "./to-request.ts";

/** What the adapter is around: the request, and its target as it came over the wire. */
export type Handler = (request: Request, target: string) => Promise<Response>;

/** Longer than the idle time of the load balancers in front, or they would reuse a connection that is just being closed. */
const KEEP_ALIVE_MILLISECONDS = 75_000;
const HEADERS_MILLISECONDS = 80_000;
const REQUEST_MILLISECONDS = 90_000;

const drainRequest = createDrain();

/** Node's plain `headers` would silently drop repetitions. */
function distinctHeaders({ headersDistinct }: IncomingMessage): RequestParts["headers"] {
  return Object.entries(headersDistinct).map(([name, values = []]) => [name, values] as const);
}

async function answerOf(handler: Handler, incoming: IncomingMessage, body: ReadableStream<Uint8Array> | null) {
  try {
    const request = toRequest({ method: incoming.method ?? "GET", headers: distinctHeaders(incoming), body });
    return await handler(request, incoming.url ?? "/");
  } catch (error) {
    if (error instanceof ProtocolError) return problemAnswer(error, randomUUID());
    throw error;
  }
}

async function writeAnswer(answer: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.from(await answer.arrayBuffer());
  if (hasBody(incoming) && !incoming.readableEnded) drainRequest(incoming, outgoing);
  const length = answer.status === 204 ? {} : { "content-length": body.byteLength };
  outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...length });
  outgoing.end(incoming.method === "HEAD" ? undefined : body);
}

async function handle(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse, expects100: boolean) {
  // Only a POST's body is ever read. `100 Continue` is sent when it is, and never for an upload: it would invite the body here.
  const body =
    incoming.method === "POST" ? lazyBody(incoming, () => (expects100 ? outgoing.writeContinue() : undefined)) : null;
  await writeAnswer(await answerOf(handler, incoming, body), incoming, outgoing);
}

/** Serialises an answer for a socket that has no ServerResponse: the request could not be parsed, or asked for a tunnel. */
async function writeRaw(socket: Duplex, error: ProtocolError): Promise<void> {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const answer = problemAnswer(error, randomUUID());
  const body = await answer.text();
  const headers = {
    ...Object.fromEntries(answer.headers),
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${head.join("")}\r\n${body}`);
}

function parserError({ code }: NodeJS.ErrnoException): ProtocolError {
  if (code === "HPE_HEADER_OVERFLOW") {
    return new ProtocolError("HeadersTooLarge", "the request line and headers have more than 16 KiB");
  }
  // Methods are case-sensitive (RFC 9110 9.1): `get` is another method than GET.
  if (code === "HPE_INVALID_METHOD") return methodNotAllowed("that method");
  return new ProtocolError("InvalidRequest", "the request is not valid HTTP/1.1");
}

/**
 * A server that answers by `handler`, not yet listening. Bodies of PUT are never read: with
 * `Expect: 100-continue` none is sent (the answer comes instead of the 100), without it the answer
 * comes at once and the rest is drained in bounds.
 * @param onCrash told of errors that escape the handler; the client gets a bare 500.
 */
export function createNodeServer(handler: Handler, onCrash: (error: unknown) => void): Server {
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    headersTimeout: HEADERS_MILLISECONDS,
    requestTimeout: REQUEST_MILLISECONDS,
  });

  function listener(expects100: boolean) {
    return (incoming: IncomingMessage, outgoing: ServerResponse) => {
      handle(handler, incoming, outgoing, expects100).catch((error: unknown) => {
        onCrash(error);
        if (outgoing.headersSent) outgoing.destroy();
        else outgoing.writeHead(500).end();
      });
    };
  }

  function raw(socket: Duplex, error: ProtocolError): void {
    writeRaw(socket, error).catch(onCrash);
  }

  server.on("request", listener(false));
  // Without this listener Node answers `100 Continue` by itself and the body comes here.
  server.on("checkContinue", listener(true));
  server.on("checkExpectation", (incoming: IncomingMessage) => {
    raw(incoming.socket, new ProtocolError("ExpectationFailed", "the only expectation that is met is `100-continue`"));
  });
  server.on("connect", (_incoming: IncomingMessage, socket: Duplex) => {
    raw(socket, methodNotAllowed("CONNECT"));
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET") socket.destroy();
    else raw(socket, parserError(error));
  });
  return server;
}
