/** A double of the API: redirects everything to a store, "signing" what s3r's API would, or as little as a bare redirector does. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { RefusedAnswer, SignBatch } from "@s3r/shared";
import { listen } from "./listen.ts";
import { seenRequest, type SeenRequest } from "./seen-request.ts";

export interface ScriptedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Redirector extends AsyncDisposable {
  /** Without credentials; ends in `/`. */
  readonly endpoint: URL;
  readonly seen: readonly SeenRequest[];
  /** Answers that come before it redirects again, in their order. */
  answerNext(...answers: readonly ScriptedAnswer[]): void;
  /** What it says instead of redirecting, request by request: for the reserved paths, and for tokens. */
  respond: (request: SeenRequest) => ScriptedAnswer | undefined;
  /** What it says of one request of a batch, instead of signing it. */
  refuseInBatch: (request: SeenRequest) => RefusedAnswer | undefined;
  /** Seconds, as it says them. */
  expiresIn: number;
}

export interface RedirectorOptions {
  readonly storePort: number;
  /** Signs `host` and nothing else. */
  readonly bare?: boolean;
}

const MIRRORED = /^(?:content-(?:type|md5)|cache-control|if-none-match|x-amz-.*)$/u;

function signedHeaders({ headers }: SeenRequest): string[] {
  const names = Object.keys(headers).filter((name) => MIRRORED.test(name));
  return Number(headers["s3r-content-length"] ?? 0) > 0 ? ["content-length", ...names] : names;
}

function presign(request: SeenRequest, { storePort, bare = false }: RedirectorOptions, number: number): string {
  const [path = "", query] = request.target.split("?");
  const names = ["host", ...(bare ? [] : signedHeaders(request))].sort().join("%3B");
  const parameters = `X-Amz-Expires=300&X-Amz-SignedHeaders=${names}&X-Amz-Signature=${number}`;
  // Another host name than the API's, as clients judge by names.
  return `http://localhost:${storePort}/bucket${path}?${query === undefined ? "" : `${query}&`}${parameters}`;
}

export async function startRedirector(options: RedirectorOptions): Promise<Redirector> {
  const seen: SeenRequest[] = [];
  const scripted: ScriptedAnswer[] = [];
  const rules: Pick<Redirector, "respond" | "refuseInBatch" | "expiresIn"> = {
    respond: () => undefined,
    refuseInBatch: () => undefined,
    expiresIn: 300,
  };

  /** As `POST /.s3r/sign` of s3r's API. */
  function signAll(body: string): ScriptedAnswer {
    const { requests }: SignBatch = JSON.parse(body);
    const responses = requests.map(({ method, path, headers = {} }, index) => {
      const { "content-length": length, ...rest } = headers;
      const announced = length === undefined ? rest : { ...rest, "s3r-content-length": length };
      const request = { method, target: path, headers: announced };
      const location = presign(request, options, seen.length + index);
      return rules.refuseInBatch(request) ?? { status: 307, location, headers, expiresIn: rules.expiresIn };
    });
    return { status: 200, body: JSON.stringify({ responses }) };
  }

  function redirect(request: SeenRequest): ScriptedAnswer {
    const headers = { location: presign(request, options, seen.length), "s3r-expires-in": String(rules.expiresIn) };
    return { status: 307, headers };
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(incoming);
    const request = seenRequest(incoming);
    seen.push(request);
    const isBatch = request.target === "/.s3r/sign" && options.bare !== true;
    const { status, headers, body } =
      scripted.shift() ?? rules.respond(request) ?? (isBatch ? signAll(sent) : redirect(request));
    response.writeHead(status, headers).end(incoming.method === "HEAD" ? undefined : body);
  }

  const server = await listen((incoming, response) => void answer(incoming, response));
  return Object.assign(rules, {
    endpoint: new URL(`http://127.0.0.1:${server.port}/`),
    seen,
    answerNext: (...answers: readonly ScriptedAnswer[]) => void scripted.push(...answers),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
}
