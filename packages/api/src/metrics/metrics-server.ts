/** `GET /metrics` for Prometheus, at a port of its own: what an API does is not for whoever may ask it for an object. */
import type { Server } from "node:http";
import { createLimitedServer } from "../adapters/server-limits.ts";
import { formatMetrics, METRICS_CONTENT_TYPE, type MetricFamily } from "./metric-family.ts";

/** Not yet listening. */
export function createMetricsServer(collect: () => readonly MetricFamily[]): Server {
  const server = createLimitedServer();
  server.on("request", ({ method, url }, answer) => {
    const isFound = url?.split("?")[0] === "/metrics";
    const isOffered = method === "GET" || method === "HEAD";
    if (isFound && isOffered) {
      answer.writeHead(200, { "content-type": METRICS_CONTENT_TYPE, "cache-control": "no-store" });
      answer.end(method === "HEAD" ? undefined : formatMetrics(collect()));
      return;
    }
    answer.writeHead(isFound ? 405 : 404, { "content-type": "text/plain", ...(isFound ? { allow: "GET, HEAD" } : {}) });
    answer.end("GET /metrics is all that there is\n");
  });
  return server;
}
