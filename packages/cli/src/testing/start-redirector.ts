/** A double of the API: redirects everything to a store, "signing" what s3r's API would, or as little as a bare redirector does. */
import type { IncomingMessage, ServerResponse } from "node:http";
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
  const rules: Pick<Redirector, "respond"> = { respond: () => undefined };

  function answer(incoming: IncomingMessage, response: ServerResponse): void {
    incoming.resume();
    const request = seenRequest(incoming);
    seen.push(request);
    const {
      status,
      headers,
      body = "",
    } = scripted.shift() ??
      rules.respond(request) ?? {
        status: 307,
        headers: { location: presign(request, options, seen.length), "s3r-expires-in": "300" },
      };
    response.writeHead(status, headers).end(incoming.method === "HEAD" ? undefined : body);
  }

  const server = await listen(answer);
  return Object.assign(rules, {
    endpoint: new URL(`http://127.0.0.1:${server.port}/`),
    seen,
    answerNext: (...answers: readonly ScriptedAnswer[]) => void scripted.push(...answers),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
}
