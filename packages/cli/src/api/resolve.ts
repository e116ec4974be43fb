/** Asks the API about one operation and reads where it points. Moves no object and follows nothing. */
import { formatRoute, type Operation } from "@s3r/shared";
import type { Dispatcher } from "undici";
import { toNetworkError } from "../network-error.ts";
import { toApiError } from "./api-error.ts";
import { parseRedirectTarget } from "./redirect-target.ts";

/** A request that the store will take for a short while. Resolved anew for every attempt. */
export interface SignedRequest {
  readonly method: string;
  /** A secret. */
  readonly url: URL;
  /** What the API was told would be sent, lower-case names. Which of it may be sent, the URL says. */
  readonly announced: Readonly<Record<string, string>>;
  /** Seconds that the URL lives, where the API says so. */
  readonly expiresIn: number | undefined;
}

export interface ResolveOptions {
  readonly endpoint: URL;
  readonly authorization: string | undefined;
  readonly dispatcher: Dispatcher;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Told of each request, without its secrets. */
  readonly trace: (line: string) => void;
}

/**
 * @param announced what the client will send to the store; `content-length` goes as `S3r-Content-Length`, since this request has no body.
 * @throws CliError
 */
export type Resolve = (operation: Operation, announced?: Readonly<Record<string, string>>) => Promise<SignedRequest>;

const MAX_ANSWER_CHARACTERS = 64 * 1024;

/** 307 and 308 keep the method (RFC 9110 15.4); the others do so for GET and HEAD. */
function isRedirect(status: number, method: string): boolean {
  return (
    status === 307 ||
    status === 308 ||
    ((status === 301 || status === 302 || status === 303) && (method === "GET" || method === "HEAD"))
  );
}

function requestHeaders(
  announced: Readonly<Record<string, string>>,
  authorization: string | undefined,
): Record<string, string> {
  const { "content-length": length, ...headers } = announced;
  return {
    ...headers,
    ...(length === undefined ? {} : { "s3r-content-length": length }),
    ...(authorization === undefined ? {} : { authorization }),
  };
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const chunk of body) {
    text += chunk.toString("utf8");
    if (text.length > MAX_ANSWER_CHARACTERS) break;
  }
  return text;
}

function parseExpiresIn(header: string | string[] | undefined): number | undefined {
  return typeof header === "string" && /^\d{1,9}$/u.test(header) ? Number(header) : undefined;
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : undefined;
}

export function createResolve(options: ResolveOptions): Resolve {
  const { endpoint, authorization, dispatcher, now, signal, trace } = options;

  return async function resolve(operation, announced = {}) {
    const { method, path } = formatRoute(operation);
    const url = new URL(endpoint.pathname + path.slice(1), endpoint);
    try {
      const answer = await dispatcher.request({
        origin: url.origin,
        // The path as it was formatted: a URL object would not change it, and must not.
        path: endpoint.pathname + path.slice(1),
        method,
        headers: requestHeaders(announced, authorization),
        signal,
      });
      const body = await readText(answer.body);
      trace(`${method} ${url.origin}${url.pathname} → ${answer.statusCode}`);
      if (!isRedirect(answer.statusCode, method)) {
        throw toApiError(
          { status: answer.statusCode, headers: answer.headers, body },
          `${method} ${operation.key}`,
          now(),
        );
      }
      const target = parseRedirectTarget(single(answer.headers["location"]), endpoint);
      return { method, url: target, announced, expiresIn: parseExpiresIn(answer.headers["s3r-expires-in"]) };
    } catch (error) {
      signal.throwIfAborted();
      throw toNetworkError(error, endpoint.host);
    }
  };
}
