/** node:http ⇄ Request/Response: sockets, `Expect`, and bodies that nobody will read. Decides nothing about keys. */
import { randomUUID } from "node:crypto";
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { ProtocolError } from "@s3r/shared";
import { problemAnswer } from "../answer/problem-answer.ts";
import { createDrain, hasBody } from "./drain-request.ts";
import { createLimitedServer, type ServerLimits } from "./server-limits.ts";
import { lazyBody } from "./lazy-body.ts";
import { methodNotAllowed } from "./method-not-allowed.ts";
import { toRequest, type RequestParts } from "./to-request.ts";

/** What the adapter is around: the request, its target as it came over the wire, and the address at the other end. */
export type Handler = (
  request: Request,
  target: string,
  caller: { readonly client: string | undefined },
) => Promise<Response>;

export interface NodeServerOptions {
  /** Told of errors that escape the handler; the client gets a bare 500. */
  readonly onCrash: (error: unknown) => void;
  /** Told of the status of every request that was refused before the handler heard of it. */
  readonly onRefused?: (status: number) => void;
  readonly limits?: ServerLimits;
}

const drainRequest = createDrain();

/** Node's plain `headers` would silently drop repetitions. */
function distinctHeaders({ headersDistinct }: IncomingMessage): RequestParts["headers"] {
  return Object.entries(headersDistinct).map(([name, values = []]) => [name, values] as const);
}

/** What every exchange of a server needs. */
interface Service {
  readonly handler: Handler;
  readonly refuse: (error: ProtocolError) => Response;
}

async function answerOf(
  { handler, refuse }: Service,
  incoming: IncomingMessage,
  body: ReadableStream<Uint8Array> | null,
) {
  const { method = "GET", url = "/", socket } = incoming;
  try {
    const request = toRequest({ method, headers: distinctHeaders(incoming), body });
    return await handler(request, url, { client: socket.remoteAddress });
  } catch (error) {
    if (error instanceof ProtocolError) return refuse(error);
    throw error;
  }
}

async function writeAnswer(answer: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  // A text goes out in one write with the head, a buffer in two pieces.
  const body = await answer.text();
  if (hasBody(incoming) && !incoming.readableEnded) drainRequest(incoming, outgoing);
  const length = answer.status === 204 ? {} : { "content-length": Buffer.byteLength(body) };
  outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...length });
  outgoing.end(incoming.method === "HEAD" ? undefined : body);
}

async function handle(service: Service, incoming: IncomingMessage, outgoing: ServerResponse, expects100: boolean) {
  // Only a POST's body is ever read. `100 Continue` is sent when it is, and never for an upload: it would invite the body here.
  const body =
    incoming.method === "POST" ? lazyBody(incoming, () => (expects100 ? outgoing.writeContinue() : undefined)) : null;
  await writeAnswer(await answerOf(service, incoming, body), incoming, outgoing);
}

/** Serialises an answer for a socket that has no ServerResponse: the request could not be parsed, or asked for a tunnel. */
async function writeRaw(socket: Duplex, answer: Response): Promise<void> {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
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
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new ProtocolError("RequestTimeout", "the request did not come in time: send it again, in one go");
  }
  // Methods are case-sensitive (RFC 9110 9.1): `get` is another method than GET.
  if (code === "HPE_INVALID_METHOD") return methodNotAllowed("that method");
  return new ProtocolError("InvalidRequest", "the request is not valid HTTP/1.1");
}

/**
 * A server that answers by `handler`, not yet listening. Bodies of PUT are never read: with
 * `Expect: 100-continue` none is sent (the answer comes instead of the 100), without it the answer
 * comes at once and the rest is drained in bounds.
 */
export function createNodeServer(handler: Handler, { onCrash, onRefused, limits }: NodeServerOptions): Server {
  const server = createLimitedServer(limits);

  function refuse(error: ProtocolError): Response {
    onRefused?.(error.status);
    return problemAnswer(error, randomUUID());
  }

  function listener(expects100: boolean) {
    return (incoming: IncomingMessage, outgoing: ServerResponse) => {
      handle({ handler, refuse }, incoming, outgoing, expects100).catch((error: unknown) => {
        onCrash(error);
        if (outgoing.headersSent) outgoing.destroy();
        else outgoing.writeHead(500).end();
      });
    };
  }

  function raw(socket: Duplex, error: ProtocolError): void {
    writeRaw(socket, refuse(error)).catch(onCrash);
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
