import { Agent, buildConnector, EnvHttpProxyAgent, type Dispatcher } from "undici";
import { createBigRead } from "./big-read.ts";

export interface DispatcherOptions {
  readonly connectTimeoutMilliseconds: number;
  /** How long no byte may move, in either direction. */
  readonly timeoutMilliseconds: number;
  /** For https alone: plain http is spoken with this machine only, and would go through a proxy in the clear. */
  readonly httpsProxy?: string | undefined;
  /** Large reads, for answers that are consumed at once: see `big-read.ts`. */
  readonly bigRead?: boolean;
}

/** S3 closes connections that idle for about 5 s; a request on one that is just being closed would be lost. */
const KEEP_ALIVE_MILLISECONDS = 4000;

/** Each connection reads into a buffer of its own. */
function bigReadConnector(timeout: number): buildConnector.connector {
  return (options, callback) => {
    buildConnector({ timeout, allowH2: false, onread: createBigRead() })(options, callback);
  };
}

/** HTTP/1.1 only: a body over HTTP/2 gains nothing here, and resets are told apart less well. */
export function createDispatcher({
  connectTimeoutMilliseconds,
  timeoutMilliseconds,
  httpsProxy,
  bigRead = false,
}: DispatcherOptions): Dispatcher {
  const options = {
    allowH2: false,
    connect: bigRead ? bigReadConnector(connectTimeoutMilliseconds) : { timeout: connectTimeoutMilliseconds },
    headersTimeout: timeoutMilliseconds,
    bodyTimeout: timeoutMilliseconds,
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    keepAliveMaxTimeout: KEEP_ALIVE_MILLISECONDS,
  };
  if (httpsProxy === undefined) return new Agent(options);
  // It looks at NO_PROXY itself.
  return new EnvHttpProxyAgent({ ...options, httpProxy: "", httpsProxy });
}
