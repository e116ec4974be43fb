/**
 * Answers a request whose body will not be used, so that the client gets to read the answer.
 *
 * Closing a socket on which bytes are still arriving resets the connection, and the reset can destroy
 * the answer before the client has read it: `Connection: close` lost every wget upload that was tried
 * and one curl upload in forty. So the answer is followed by a half-close, and what still arrives is
 * read and thrown away, within bounds (RFC 9112 9.6 describes the same in words).
 */
import type { IncomingMessage, ServerResponse } from "node:http";

export interface DrainLimits {
  readonly bytes: number;
  readonly milliseconds: number;
  /** Of all requests that are drained at once: what is read and dropped faster than it is collected piles up in memory. */
  readonly bytesPerSecond: number;
}

export const DRAIN_LIMITS: DrainLimits = {
  bytes: 64 * 1024 ** 2,
  milliseconds: 10_000,
  bytesPerSecond: 64 * 1024 ** 2,
};

/** Whether the client has announced a body (RFC 9112 6). */
export function hasBody(request: IncomingMessage): boolean {
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
}

/** To be called before the answer's head is written; `response` is then ended as usual. */
export type DrainRequest = (request: IncomingMessage, response: ServerResponse) => void;

const WINDOW_MILLISECONDS = 20;

/** Holds streams back as soon as they have had, together, their share of the current window. */
function createPace(bytesPerSecond: number): (request: IncomingMessage, bytes: number) => void {
  const share = (bytesPerSecond * WINDOW_MILLISECONDS) / 1000;
  const held = new Set<IncomingMessage>();
  let used = 0;
  let timer: NodeJS.Timeout | undefined;

  function nextWindow(): void {
    timer = undefined;
    used = 0;
    for (const request of held) request.resume();
    held.clear();
  }

  return (request, bytes) => {
    timer ??= setTimeout(nextWindow, WINDOW_MILLISECONDS);
    used += bytes;
    if (used < share) return;
    request.pause();
    held.add(request);
  };
}

/** One for a server. */
export function createDrain(limits: DrainLimits = DRAIN_LIMITS): DrainRequest {
  const pace = createPace(limits.bytesPerSecond);

  return function drainRequest(request, response) {
    const { socket } = request;
    // Or Node closes the socket as soon as the answer is out: after `Connection: close`, and after an `Expect` that got no 100.
    response.setHeader("connection", "keep-alive");
    let drained = 0;
    request.on("data", (chunk: Buffer) => {
      drained += chunk.byteLength;
      if (drained > limits.bytes) socket.destroy();
      else pace(request, chunk.byteLength);
    });
    response.once("finish", () => {
      socket.end();
      const timer = setTimeout(() => socket.destroy(), limits.milliseconds);
      socket.once("close", () => clearTimeout(timer));
    });
  };
}
