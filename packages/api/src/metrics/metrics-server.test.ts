import parse from "parse-prometheus-text-format";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeServer } from "../adapters/close-server.ts";
import { listen } from "../adapters/listen.ts";
import { createNodeServer } from "../adapters/node.ts";
import { createApp } from "../app.ts";
import { sendRaw } from "../testing/raw-http.ts";
import { TEST_APP_OPTIONS } from "../testing/start-api.ts";
import { countInFlight } from "./in-flight.ts";
import { createMetricsServer } from "./metrics-server.ts";
import { processMetrics } from "./process-metrics.ts";
import { createRequestMetrics } from "./request-metrics.ts";

interface Measured extends AsyncDisposable {
  readonly api: string;
  readonly port: number;
  readonly metrics: string;
}

async function startMeasured(): Promise<Measured> {
  const metrics = createRequestMetrics();
  const app = createApp({ ...TEST_APP_OPTIONS, onAccess: metrics.onAccess });
  const server = createNodeServer(app, { onCrash: () => {}, onRefused: metrics.onRefused });
  const inFlight = countInFlight(server);
  const scraped = createMetricsServer(() => [...metrics.collect(), inFlight(), ...processMetrics()]);
  const port = await listen(server, 0, "127.0.0.1");
  return {
    api: `http://127.0.0.1:${port}`,
    port,
    metrics: `http://127.0.0.1:${await listen(scraped, 0, "127.0.0.1")}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      scraped.closeAllConnections();
      await Promise.all([closeServer(server), closeServer(scraped)]);
    },
  };
}

let measured: Measured;

async function scrape(): Promise<Map<string, ReturnType<typeof parse>[number]>> {
  const answer = await fetch(`${measured.metrics}/metrics`);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return new Map(parse(await answer.text()).map((family) => [family.name, family]));
}

beforeAll(async () => {
  measured = await startMeasured();
  const ask = async (path: string, init: RequestInit = {}) =>
    await fetch(measured.api + path, { redirect: "manual", ...init });
  await ask("/secret-key-1");
  await ask("/secret-key-2");
  await ask("/secret-key-3", { method: "PUT", body: "" });
  await ask("/nothing//here");
  await ask("/.s3r/health");
  await ask("/.s3r/there-is-no-such-path");
  const requests = ["a", "b", "c"].map((key) => ({ method: "DELETE", path: `/secret-${key}` }));
  await ask("/.s3r/sign", { method: "POST", body: JSON.stringify({ requests }) });
  await sendRaw(measured.port, "GET /k GOPHER/1");
  await sendRaw(measured.port, "TRACE /k HTTP/1.1");
});

afterAll(async () => {
  await measured[Symbol.asyncDispose]();
});

describe("GET /metrics", () => {
  it("counts requests by operation, decision and status, also those of a batch and those that are no HTTP", async () => {
    const counts = (await scrape()).get("s3r_requests_total");
    expect(counts?.type).toBe("COUNTER");
    const told = counts?.metrics.map(({ labels = {}, value }) => {
      expect(Object.keys(labels)).toEqual(["operation", "decision", "status"]);
      return `${Object.values(labels).join(" ")} ${value}`;
    });
    expect(told?.sort()).toEqual([
      "/.s3r/health none 200 1",
      "/.s3r/sign none 200 1",
      "DeleteObject allow 307 3",
      "GetObject allow 307 2",
      "PutObject allow 307 1",
      "none none 400 2",
      "none none 404 1",
      "none none 405 1",
    ]);
  });

  it("has the times of requests and signatures, what is under way, and what the process takes", async () => {
    const families = await scrape();
    const durations = families.get("s3r_request_duration_seconds");
    expect(durations?.type).toBe("HISTOGRAM");
    // The parser takes a histogram with labels for one.
    const text = await (await fetch(`${measured.metrics}/metrics`)).text();
    expect(text).toMatch(/^s3r_request_duration_seconds_bucket\{operation="GetObject",le="\+Inf"\} 2$/mu);
    expect(text).toMatch(/^s3r_request_duration_seconds_count\{operation="GetObject"\} 2$/mu);
    const signing = families.get("s3r_signing_duration_seconds")?.metrics[0];
    expect(signing).toMatchObject({ count: "6", buckets: { "+Inf": "6" } });
    expect(Number(signing?.sum)).toBeGreaterThan(0);
    expect(families.get("s3r_requests_in_flight")?.metrics[0]?.value).toBe("0");
    const [memory, start] = ["process_resident_memory_bytes", "process_start_time_seconds"].map((name) =>
      Number(families.get(name)?.metrics[0]?.value),
    );
    expect(memory).toBeGreaterThan(10_000_000);
    expect(start).toBeGreaterThan(Date.now() / 1000 - 3600);
    expect(start).toBeLessThan(Date.now() / 1000);
  });

  it("says nothing of keys, and grows with none of them", async () => {
    const before = await (await fetch(`${measured.metrics}/metrics`)).text();
    expect(before).not.toMatch(/secret|127\.0\.0\.1|there-is-no/u);
    for (let at = 0; at < 50; at += 1) await fetch(`${measured.api}/key-${at}?x=${at}`, { redirect: "manual" });
    const after = await (await fetch(`${measured.metrics}/metrics`)).text();
    expect(after.split("\n").length).toBe(before.split("\n").length);
  });

  it("is all that the port has", async () => {
    expect((await fetch(`${measured.metrics}/`)).status).toBe(404);
    expect((await fetch(`${measured.metrics}/.s3r/health`)).status).toBe(404);
    expect((await fetch(`${measured.metrics}/metrics`, { method: "POST" })).status).toBe(405);
    expect((await fetch(`${measured.api}/metrics`, { redirect: "manual" })).status).toBe(307);
  });
});
