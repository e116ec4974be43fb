/** `test:s3 <server> [--write]`: gets a real S3 server, starts it on loopback, holds it to the contract, says how it went, and ends it. */
import { mkdir, rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "../harness/stack.ts";
import { createBucket } from "./create-bucket.ts";
import { writeCompatibility } from "./compatibility-page.ts";
import { readRun } from "./read-run.ts";
import { readTarget, targetEnvironment, type TestTarget } from "./read-target.ts";
import { runContract } from "./run-contract.ts";
import { findServer, SERVERS } from "./servers/find-server.ts";
import type { RunningServer } from "./servers/s3-server.ts";
import { findStrayGaps, summarise } from "./summarise.ts";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/s3-servers/", import.meta.url));

const BUCKET = "s3r-contract";

interface Plan {
  readonly name: string;
  /** Whether the compatibility page is made anew. */
  readonly write: boolean;
  /** What vitest is given besides: filters. */
  readonly rest: readonly string[];
}

function readPlan(args: readonly string[]): Plan {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { write: { type: "boolean", default: false } },
  });
  const [name, ...rest] = positionals;
  if (name === undefined) throw new Error(`which server? ${Object.keys(SERVERS).join(", ")}`);
  return { name, write: values.write, rest };
}

function say(text: string): void {
  process.stderr.write(`test:s3: ${text}\n`);
}

/** Set by the first SIGINT or SIGTERM; the tests get it too, end, and then the server is ended. */
function onSignals(): { readonly seen: () => number | undefined } {
  let seen: number | undefined;
  for (const [signal, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const)
    process.on(signal, () => (seen ??= number));
  return { seen: () => seen };
}

/** The bucket of a server that was started here is made; that of another is there. */
async function bucketOn(name: string, running: RunningServer): Promise<TestTarget> {
  if (name === "env") return { ...running, bucket: readTarget(process.env).bucket };
  const target = { ...running, bucket: BUCKET };
  await createBucket(target);
  return target;
}

/** Runs the contract against a server that answers. @returns the exit code. */
async function hold({ name, write, rest }: Plan, running: RunningServer, version: string): Promise<number> {
  const { title, homepage, gaps } = findServer(name);
  const env = {
    ...targetEnvironment(await bucketOn(name, running)),
    S3R_TEST_S3_SERVER: process.env["S3R_TEST_S3_SERVER"] ?? name,
  };
  const code = await runContract(rest, env);
  const run = await readRun();
  for (const line of summarise(run, `${title} ${version}`)) say(line);
  if (rest.length > 0) return code;
  const stray = findStrayGaps(run, gaps);
  for (const behaviour of stray) say(`a gap is declared that no check is about: ${behaviour}`);
  if (code !== 0 || stray.length > 0) return 1;
  if (write) await writeCompatibility({ server: name, title, homepage, version, checks: run.passed });
  return 0;
}

/** @returns the exit code. */
async function test(plan: Plan): Promise<number> {
  const server = findServer(plan.name);
  say(`${server.title}: from the cache, or installed now, which takes minutes`);
  await mkdir(CACHE, { recursive: true });
  const { version, start } = await server.install(CACHE);
  const directory = await temporaryDirectory();
  try {
    await using running = await start(directory);
    say(`${server.title} ${version} answers at ${running.endpoint}`);
    return await hold(plan, running, version);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const signals = onSignals();
try {
  const code = await test(readPlan(process.argv.slice(2)));
  const signal = signals.seen();
  process.exitCode = signal === undefined ? code : 128 + signal;
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
