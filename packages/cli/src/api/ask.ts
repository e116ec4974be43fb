/** One request to the API, and its whole answer. Follows nothing; what it means is for others to say. */
import type { Dispatcher } from "undici";
import { toNetworkError } from "../network-error.ts";
import type { ApiAnswer } from "./api-error.ts";
import { withoutSecret } from "./without-secret.ts";

export interface ApiClient {
  /** Without credentials; its path ends in `/`. */
  readonly endpoint: URL;
  /** The value of the Authorization header, asked for anew for each request. */
  readonly authorization: () => Promise<string | undefined>;
  readonly dispatcher: Dispatcher;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Told of each request, without its secrets. */
  readonly trace: (line: string) => void;
}

export interface ApiRequest {
  readonly method: Dispatcher.HttpMethod;
  /** Escaped, without the endpoint's path and without a leading `/`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What is longer is cut off. */
  readonly maximumCharacters?: number;
}

const MAX_ANSWER_CHARACTERS = 64 * 1024;

async function readText(body: AsyncIterable<Buffer>, maximum: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maximum) break;
  }
  return text;
}

/** @throws CliError of the network, or of `authorization`. */
export async function ask(request: ApiRequest, client: ApiClient): Promise<ApiAnswer> {
  const { method, path, headers, body: sent, maximumCharacters = MAX_ANSWER_CHARACTERS } = request;
  const { endpoint, dispatcher, signal, trace } = client;
  const authorization = await client.authorization();
  const url = new URL(endpoint.pathname + path, endpoint);
  try {
    const answer = await dispatcher.request({
      origin: url.origin,
      // The path as it was formatted: a URL object would not change it, and must not.
      path: endpoint.pathname + path,
      method,
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(sent === undefined ? {} : { body: sent }),
      signal,
    });
    const body = await readText(answer.body, maximumCharacters);
    trace(`${method} ${url.origin}${url.pathname} → ${answer.statusCode}`);
    return { status: answer.statusCode, headers: answer.headers, body: withoutSecret(body, authorization) };
  } catch (error) {
    signal.throwIfAborted();
    throw toNetworkError(error, endpoint.host);
  }
}
