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
}

const DRAIN_LIMITS: DrainLimits = { bytes: 64 * 1024 ** 2, milliseconds: 10_000 };

/** Whether the client has announced a body (RFC 9112 6). */
export function hasBody(request: IncomingMessage): boolean {
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
}

/** To be called before the answer's head is written; `response` is then ended as usual. */
export function drainRequest(
  request: IncomingMessage,
  response: ServerResponse,
  limits: DrainLimits = DRAIN_LIMITS,
): void {
  const { socket } = request;
  // Or Node closes the socket as soon as the answer is out: after `Connection: close`, and after an `Expect` that got no 100.
  response.setHeader("connection", "keep-alive");
  let drained = 0;
  request.on("data", (chunk: Buffer) => {
    drained += chunk.byteLength;
    if (drained > limits.bytes) socket.destroy();
  });
  response.once("finish", () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), limits.milliseconds);
    socket.once("close", () => clearTimeout(timer));
  });
}
