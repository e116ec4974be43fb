/** How much a connection may send before it is answered, and how long that may take: each number in one place. */
import { createServer, type Server } from "node:http";

export interface ServerLimits {
  /** Of the request line and all headers, in bytes; what is more gets 431. */
  readonly headerBytes: number;
  /** From the first byte of a request to the end of its headers; then it gets 408. */
  readonly headersMilliseconds: number;
  /** From its first byte to the end of its body; then it gets 408. */
  readonly requestMilliseconds: number;
  /** How exactly the two are kept. */
  readonly checkMilliseconds: number;
  /** How long a connection may be idle between two requests. */
  readonly keepAliveMilliseconds: number;
  /** At a time; what is more is hung up on at once. */
  readonly connections: number;
}

export const SERVER_LIMITS: ServerLimits = {
  headerBytes: 16 * 1024,
  headersMilliseconds: 20_000,
  requestMilliseconds: 60_000,
  checkMilliseconds: 5000,
  // Longer than the idle time of the load balancers in front, or they would reuse a connection that is just being closed.
  keepAliveMilliseconds: 75_000,
  connections: 10_000,
};

/** A server without listeners. */
export function createLimitedServer(limits: ServerLimits = SERVER_LIMITS): Server {
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMilliseconds,
    requestTimeout: limits.requestMilliseconds,
    connectionsCheckingInterval: limits.checkMilliseconds,
    keepAliveTimeout: limits.keepAliveMilliseconds,
  });
  server.maxConnections = limits.connections;
  // Node would drop those after the 2,000th without a word, a second `Authorization` among them; their size is limited already.
  server.maxHeadersCount = 0;
  return server;
}
