/** Asks the API about one operation and reads where it points. Moves no object and follows nothing. */
import { formatRoute, type Operation } from "@s3r/shared";
import { toApiError } from "./api-error.ts";
import { ask, type ApiClient } from "./ask.ts";
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

/**
 * @param announced what the client will send to the store; `content-length` goes as `S3r-Content-Length`, since this request has no body.
 * @throws CliError
 */
export type Resolve = (operation: Operation, announced?: Readonly<Record<string, string>>) => Promise<SignedRequest>;

/** 307 and 308 keep the method (RFC 9110 15.4); the others do so for GET and HEAD. */
function isRedirect(status: number, method: string): boolean {
  return (
    status === 307 ||
    status === 308 ||
    ((status === 301 || status === 302 || status === 303) && (method === "GET" || method === "HEAD"))
  );
}

function requestHeaders(announced: Readonly<Record<string, string>>): Record<string, string> {
  const { "content-length": length, ...headers } = announced;
  return length === undefined ? headers : { ...headers, "s3r-content-length": length };
}

function parseExpiresIn(header: string | string[] | undefined): number | undefined {
  return typeof header === "string" && /^\d{1,9}$/u.test(header) ? Number(header) : undefined;
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : undefined;
}

export function createResolve(client: ApiClient): Resolve {
  return async function resolve(operation, announced = {}) {
    const { method, path } = formatRoute(operation);
    const answer = await ask({ method, path: path.slice(1), headers: requestHeaders(announced) }, client);
    if (!isRedirect(answer.status, method)) throw toApiError(answer, `${method} ${operation.key}`, client.now());
    const target = parseRedirectTarget(single(answer.headers["location"]), client.endpoint);
    return { method, url: target, announced, expiresIn: parseExpiresIn(answer.headers["s3r-expires-in"]) };
  };
}
