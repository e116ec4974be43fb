/** Runs the API of a checked configuration until a signal: its server, and the one for its metrics. */
import { setTimeout as delay } from "node:timers/promises";
import { clientAddress } from "../adapters/client-address.ts";
import { closeServer } from "../adapters/close-server.ts";
import { prepareClose } from "../adapters/graceful-close.ts";
import { listen } from "../adapters/listen.ts";
import { createNodeServer, type Handler } from "../adapters/node.ts";
import { SERVER_LIMITS } from "../adapters/server-limits.ts";
import { createApp, type App, type AppOptions } from "../app.ts";
import { createAuthenticate } from "../auth/authenticate.ts";
import { countInFlight } from "../metrics/in-flight.ts";
import type { MetricFamily } from "../metrics/metric-family.ts";
import { createMetricsServer } from "../metrics/metrics-server.ts";
import { processMetrics } from "../metrics/process-metrics.ts";
import { createRequestMetrics } from "../metrics/request-metrics.ts";
import type { Policy } from "../policy/policy.ts";
import { createAccessLog } from "./create-access-log.ts";
import { createCredentialsChain } from "./credentials-chain.ts";
import { logError } from "./log-error.ts";
import type { ServerConfig } from "./server-config.ts";
import { untilSignal } from "./until-signal.ts";

function now(): Date {
  return new Date();
}

function say(line: string): void {
  process.stderr.write(`s3r-api: ${line}\n`);
}

function origin(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

type Watch = Pick<AppOptions, "onAccess" | "isStopping">;

function createServedApp(config: ServerConfig, policy: Policy, watch: Watch): App {
  const { bucket, expiresIn, corsOrigins } = config;
  return createApp({
    bucket,
    credentials: createCredentialsChain(),
    policy,
    authenticate: createAuthenticate({ config: policy.auth, now, fetch }),
    expiresIn,
    corsOrigins,
    now,
    onError: logError,
    ...watch,
  });
}

/** Puts the address that proxies vouch for in the place of theirs. */
function behindProxies(app: App, { trustProxy }: ServerConfig): Handler {
  return async (request, target, { client }) =>
    await app(request, target, {
      client: clientAddress(trustProxy, client, request.headers.get("x-forwarded-for")),
    });
}

interface ServedMetrics extends AsyncDisposable {
  /** The URL, if there is one. */
  readonly url?: string;
}

/** @throws ListenError */
async function serveMetrics(
  { metrics: { scrape } }: ServerConfig,
  collect: () => readonly MetricFamily[],
): Promise<ServedMetrics> {
  if (scrape === undefined) return { async [Symbol.asyncDispose]() {} };
  const server = createMetricsServer(collect);
  const port = await listen(server, scrape.port, scrape.host);
  return {
    url: `${origin(scrape.host, port)}/metrics`,
    [Symbol.asyncDispose]: async () => await closeServer(server),
  };
}

/** @throws ListenError */
export async function serve(config: ServerConfig, policy: Policy): Promise<void> {
  const { bucket, port, host, maxConnections, shutdownDelay } = config;
  const metrics = createRequestMetrics();
  const log = createAccessLog(process.stdout, config.metrics.isEmbedded);
  let isStopping = false;
  const app = createServedApp(config, policy, {
    isStopping: () => isStopping,
    onAccess(entry) {
      log(entry);
      metrics.onAccess(entry);
    },
  });
  const server = createNodeServer(behindProxies(app, config), {
    onCrash: (error) => logError(error),
    onRefused: metrics.onRefused,
    limits: { ...SERVER_LIMITS, connections: maxConnections },
  });
  const inFlight = countInFlight(server);
  const close = prepareClose(server);
  const collect = () => [...metrics.collect(), inFlight(), ...processMetrics()];
  await using scraped = await serveMetrics(config, collect);
  say(`${origin(host, await listen(server, port, host))} signs for bucket ${bucket.name}`);
  if (scraped.url !== undefined) say(`its metrics are at ${scraped.url}`);
  await untilSignal();
  isStopping = true;
  await delay(shutdownDelay * 1000);
  await close();
}
