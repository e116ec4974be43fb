/**
 * One request to the store, with exactly the headers it is given and no redirect followed. undici's
 * `fetch` would decode gzip, its retry and redirect interceptors would replay a body that has been
 * consumed as an empty one: neither is used.
 */
import type { Dispatcher } from "undici";
import { toNetworkError } from "../network-error.ts";

export type S3Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface S3Response {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: S3Headers;
  /** What no sink took, up to the message's maximum. */
  readonly text: string;
}

/** Takes a chunk, which it must not keep; a promise holds the answer back until it is done. */
export type ChunkSink = (chunk: Uint8Array) => Promise<void> | void;

export interface S3Message {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** A fresh one for every attempt; its length is in `content-length`. */
  readonly body?: AsyncIterable<Uint8Array> | Uint8Array;
  /** Offered the head of the answer, before its body; takes the body by returning a sink. */
  readonly onHead?: (status: number, headers: S3Headers) => ChunkSink | undefined;
  /** Characters of an answer that no sink takes. */
  readonly maximumText?: number;
}

export interface SendOptions {
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
  /** Told of each request, without its secrets. */
  readonly trace: (line: string) => void;
}

/** @throws CliError for what the network does; every answer of the store is returned. */
export type Send = (message: S3Message) => Promise<S3Response>;

const MAX_TEXT_CHARACTERS = 64 * 1024;

interface Settle {
  readonly resolve: (response: S3Response) => void;
  readonly reject: (error: unknown) => void;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Lets no more of the answer come until the task is done; what it throws ends the request. */
function holdFor(task: Promise<void>, controller: Dispatcher.DispatchController): void {
  controller.pause();
  task.then(
    () => controller.resume(),
    (error: unknown) => controller.abort(toError(error)),
  );
}

/** Collects the answer; the controller of the running request is handed out for aborting. */
function createHandler(
  message: S3Message,
  settle: Settle,
  onStart: (controller: Dispatcher.DispatchController) => void,
): Dispatcher.DispatchHandler {
  const { onHead, maximumText = MAX_TEXT_CHARACTERS } = message;
  let status = 0;
  let head: S3Headers = {};
  let text = "";
  let sink: ChunkSink | undefined;

  return {
    onRequestStart: onStart,
    onResponseStart(controller, statusCode, headers) {
      // 1xx are announcements (RFC 9110 15.2).
      if (statusCode < 200) return;
      status = statusCode;
      head = headers;
      try {
        sink = onHead?.(statusCode, headers);
      } catch (error) {
        controller.abort(toError(error));
      }
    },
    onResponseData(controller, chunk) {
      // A resumed parser may deliver nothing; pausing for that would make it deliver nothing again, for ever.
      if (chunk.byteLength === 0) return;
      try {
        const pending = sink?.(chunk);
        if (pending !== undefined) holdFor(pending, controller);
        if (sink === undefined && text.length < maximumText) text += chunk.toString("utf8");
      } catch (error) {
        controller.abort(toError(error));
      }
    },
    onResponseEnd() {
      settle.resolve({ status, headers: head, text });
    },
    onResponseError(_controller, error) {
      settle.reject(error);
    },
  };
}

/** undici takes any async iterable for a body; its types know only Node's streams, which would read ahead into buffers that are in use. */
function dispatchOptions({ method, url, headers, body }: S3Message): Dispatcher.DispatchOptions {
  const options: Dispatcher.DispatchOptions = {
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: { "accept-encoding": "identity", ...headers },
  };
  if (body !== undefined) Object.assign(options, { body });
  return options;
}

export function createSend({ dispatcher, signal, trace }: SendOptions): Send {
  return async function send(message) {
    const { method, url } = message;
    let running: Dispatcher.DispatchController | undefined;
    const abort = (): void => running?.abort(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    try {
      signal.throwIfAborted();
      signal.addEventListener("abort", abort);
      const response = await new Promise<S3Response>((resolve, reject) => {
        const handler = createHandler(message, { resolve, reject }, (controller) => {
          running = controller;
        });
        dispatcher.dispatch(dispatchOptions(message), handler);
      });
      trace(`${method} ${url.origin}${url.pathname} → ${response.status}`);
      return response;
    } catch (error) {
      signal.throwIfAborted();
      throw toNetworkError(error, url.host);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  };
}
