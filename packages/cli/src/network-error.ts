/** What the network said, as an error of `s3r`. Only what is known to pass is worth another attempt. */
import { CliError, systemCode } from "./cli-error.ts";

const REASONS: Readonly<Record<string, string>> = {
  EAI_AGAIN: "the name server does not answer",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ENOTFOUND: "there is no such host",
  EPIPE: "the connection was closed",
  ETIMEDOUT: "the connection timed out",
  UND_ERR_BODY_TIMEOUT: "no byte came for too long",
  UND_ERR_CLOSED: "the connection was closed",
  UND_ERR_CONNECT_TIMEOUT: "the connection could not be made in time",
  UND_ERR_HEADERS_TIMEOUT: "no answer came in time",
  UND_ERR_SOCKET: "the connection was closed in the middle",
};

/** TLS: nothing that another attempt would mend, and nothing to be ignored (tls, "X509 certificate error codes"). */
const TLS = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_)/u;

/** undici wraps, and Node gathers the failures of several addresses: the first code that is found counts. */
function innermostCode(error: unknown): string {
  const code = systemCode(error);
  if (code !== "" && code !== "UND_ERR_SOCKET") return code;
  if (error instanceof AggregateError) return error.errors.map(innermostCode).find((each) => each !== "") ?? code;
  return error instanceof Error && error.cause !== undefined ? innermostCode(error.cause) || code : code;
}

/** undici has no code for it: lib/dispatcher/proxy-agent.js, "Proxy response (407) !== 200 when HTTP Tunneling". */
function proxyStatus(error: unknown): number | undefined {
  const status = /^Proxy response \((\d{3})\)/u.exec(error instanceof Error ? error.message : "")?.[1];
  return status === undefined ? undefined : Number(status);
}

function refusedByProxy(status: number, host: string, cause: unknown): CliError {
  return new CliError("Unavailable", `no connection to ${host}`, {
    reason: `the proxy answered ${status}`,
    hint:
      status === 407
        ? "put its credentials into HTTPS_PROXY: https://user:password@proxy"
        : "check HTTPS_PROXY, or name the host in NO_PROXY",
    ...(status >= 500 ? { retry: { reason: "transient" } } : {}),
    cause,
  });
}

/** No descriptor is left for a connection: with fewer at once there will be. */
function tooManyOpen(host: string, cause: unknown): CliError {
  return new CliError("LocalIo", `no connection to ${host}`, {
    reason: "too many files are open",
    hint: "lower --concurrency, or raise `ulimit -n`",
    retry: { reason: "throttled" },
    cause,
  });
}

/** Anything that is no error of the network comes back as it is. */
export function toNetworkError(error: unknown, host: string): unknown {
  if (error instanceof CliError) return error;
  const status = proxyStatus(error);
  if (status !== undefined) return refusedByProxy(status, host, error);
  const code = innermostCode(error);
  if (TLS.test(code)) {
    return new CliError("UnsafeServer", `${host} could not prove who it is`, {
      reason: code,
      hint: "check the address; for a certificate authority of your own set NODE_EXTRA_CA_CERTS",
      cause: error,
    });
  }
  if (code === "EMFILE" || code === "ENFILE") return tooManyOpen(host, error);
  const reason = REASONS[code];
  if (reason === undefined) return error;
  return new CliError("Unavailable", `no connection to ${host}`, {
    reason,
    hint: "check the address and the network, and try again",
    retry: { reason: "transient" },
    cause: error,
  });
}
