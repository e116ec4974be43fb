/**
 * How many requests a second one `serve` process answers on this machine, how long they take, and whether its memory
 * stays where it is: from the sources and as it is built, open to anyone and with a policy and a token, beside a server
 * of node:http alone. The client has another core; `serve` logs every request into a file, and counts it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundleServer } from "@s3r/build/bundles";
import autocannon from "autocannon";

/** Requests a second, or this machine's limit: then it is for whoever reads the figures to say which it was. */
const TARGET = { perSecond: 10_000, p99Milliseconds: 20 };
const WARM_UP_SECONDS = 3;
const TOKEN = "load-test-token";

/** As many statements as a company has teams, of which the last one decides. */
const POLICY = `version: 1
tokens: [{ name: ci, sha256: ${createHash("sha256").update(TOKEN).digest("hex")} }]
statements:
${Array.from({ length: 99 }, (_, at) => `  - { principals: ci, actions: write, keys: "team-${at}/**" }`).join("\n")}
  - { principals: ci, actions: read, keys: "**" }
`;

const OPEN = "version: 1\nstatements: [{ principals: anonymous, actions: read, keys: '**' }]";

interface Contest {
  readonly policy: "anonymous" | "policy";
  readonly code: "node" | "sources" | "bundle";
}

const CONTESTS: readonly Contest[] = [
  { code: "node", policy: "anonymous" },
  { code: "sources", policy: "anonymous" },
  { code: "sources", policy: "policy" },
  { code: "bundle", policy: "anonymous" },
  { code: "bundle", policy: "policy" },
];

interface Figures extends Contest {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Connections that broke or waited too long, and answers other than 307. */
  readonly errors: number;
  /** MiB after the warm-up, in the middle and at the end. */
  readonly memory: readonly number[];
}

interface Server extends AsyncDisposable {
  readonly url: string;
  /** Resident, in MiB (proc(5), VmRSS). */
  readonly memory: () => number;
}

async function addressOf({ stderr }: ChildProcess): Promise<string> {
  if (stderr === null) throw new TypeError("the server has no stderr");
  for await (const line of createInterface({ input: stderr })) {
    const url = /(http:\/\/\S+) signs/u.exec(line)?.[1];
    if (url === undefined) continue;
    stderr.resume();
    return url;
  }
  throw new Error("the server did not start");
}

function environment(policy: Contest["policy"]): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    PORT: "0",
    S3R_BUCKET: "artifacts",
    S3R_REGION: "eu-central-1",
    S3R_POLICY: policy === "policy" ? POLICY : OPEN,
    S3R_METRICS_PORT: "0",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  };
}

async function startServer(script: string, policy: Contest["policy"], logFile: string): Promise<Server> {
  const log = await open(logFile, "w");
  const child = spawn(process.execPath, [script], {
    stdio: ["ignore", log.fd, "pipe"],
    env: environment(policy),
  });
  const url = await addressOf(child);
  return {
    url,
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      return Math.round(Number(/^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1]) / 1024);
    },
    async [Symbol.asyncDispose]() {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      await exit;
      await log.close();
    },
  };
}

/** @param duration in seconds. */
async function load(
  url: string,
  policy: Contest["policy"],
  connections: number,
  duration: number,
): Promise<autocannon.Result> {
  const requests = Array.from({ length: 1000 }, (_, at) => ({
    path: `/team-${at % 100}/builds/${at}/artifact.tar.gz`,
  }));
  const headers = policy === "policy" ? { authorization: `Bearer ${TOKEN}` } : {};
  return await autocannon({ url, connections, duration, requests, headers });
}

interface RunOptions {
  readonly seconds: number;
  readonly connections: number;
  /** Path of the server's code. */
  readonly script: string;
  readonly directory: string;
}

async function run(contest: Contest, { seconds, connections, script, directory }: RunOptions): Promise<Figures> {
  await using server = await startServer(script, contest.policy, join(directory, "access.log"));
  await load(server.url, contest.policy, connections, WARM_UP_SECONDS);
  const before = server.memory();
  const [result, middle] = await Promise.all([
    load(server.url, contest.policy, connections, seconds),
    delay(seconds * 500).then(() => server.memory()),
  ]);
  return {
    ...contest,
    perSecond: Math.round(result.requests.average),
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: result.errors + result.requests.total - result["3xx"],
    memory: [before, middle, server.memory()],
  };
}

function print({ code, policy, perSecond, p50, p99, errors, memory }: Figures): void {
  const cells = [code.padEnd(7), policy.padEnd(9), perSecond, `p50 ${p50} ms`, `p99 ${p99} ms`, `${errors} errors`];
  process.stdout.write(`${cells.join("  ")}  ${memory.join(" → ")} MiB\n`);
}

function isMissed({ code, perSecond, p99, errors }: Figures): boolean {
  return code !== "node" && (perSecond < TARGET.perSecond || p99 >= TARGET.p99Milliseconds || errors > 0);
}

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "30" },
    connections: { type: "string", default: "32" },
    json: { type: "boolean", default: false },
  },
});
const directory = await mkdtemp(join(tmpdir(), "s3r-load-"));
try {
  const scripts = {
    node: fileURLToPath(new URL("bare-server.ts", import.meta.url)),
    sources: fileURLToPath(new URL("../packages/api/src/entry/server.ts", import.meta.url)),
    bundle: join(directory, "server.mjs"),
  };
  await bundleServer(scripts.bundle);
  const all: Figures[] = [];
  for (const contest of CONTESTS) {
    const [seconds, connections] = [Number(values.seconds), Number(values.connections)];
    const figures = await run(contest, { seconds, connections, script: scripts[contest.code], directory });
    if (!values.json) print(figures);
    all.push(figures);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(all)}\n`);
  if (all.some(isMissed)) process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
