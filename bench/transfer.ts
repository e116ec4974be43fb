/**
 * `s3r put` and `s3r get` of 1 GiB beside curl on the same store, through the same API. Whole processes,
 * in turns, so that a noisy machine disturbs both alike; the ratios of their wall times count.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, open, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const TARGET_RATIO = 1.3;
const MEBIBYTE = 1024 ** 2;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    mebibytes: { type: "string", default: "1024" },
    json: { type: "boolean", default: false },
  },
});

function source(path: string): string {
  return fileURLToPath(new URL(`../packages/${path}`, import.meta.url));
}

async function writeRandomFile(path: string, mebibytes: number): Promise<void> {
  await using file = await open(path, "w");
  for (let written = 0; written < mebibytes; written += 1) await file.write(randomBytes(MEBIBYTE));
}

/** Wall time of a command, in seconds. */
async function time(command: string, args: readonly string[], endpoint: string): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, S3R_ENDPOINT: endpoint },
  });
  const closed: unknown[] = await once(child, "close");
  if (closed[0] !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${String(closed[0])}`);
  return (performance.now() - started) / 1000;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

interface Contest {
  readonly name: string;
  readonly curl: readonly string[];
  readonly s3r: readonly string[];
}

interface Score {
  readonly name: string;
  readonly curl: number;
  readonly s3r: number;
  /** The median of the rounds' own ratios. */
  readonly ratio: number;
}

async function compete({ name, curl, s3r }: Contest, endpoint: string): Promise<Score> {
  const rounds: { curl: number; s3r: number }[] = [];
  const cli = source("cli/src/bin.ts");
  for (let round = 0; round < Number(values.rounds); round += 1) {
    rounds.push({
      curl: await time("curl", ["-q", "-sSfL", ...curl], endpoint),
      s3r: await time(process.execPath, [cli, ...s3r], endpoint),
    });
  }
  return {
    name,
    curl: median(rounds.map((round) => round.curl)),
    s3r: median(rounds.map((round) => round.s3r)),
    ratio: Number(median(rounds.map((round) => round.s3r / round.curl)).toFixed(2)),
  };
}

async function startStack(directory: string): Promise<{ api: string; stop: () => void }> {
  const child = spawn(
    process.execPath,
    [source("api/src/entry/dev.ts"), "--port", "0", "--store-port", "0", "--data", directory, "--json"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    const { api }: { api: string } = JSON.parse(line);
    return { api, stop: () => void child.kill("SIGTERM") };
  }
  throw new Error("the API and its store did not start");
}

const directory = await mkdtemp(join(tmpdir(), "s3r-bench-"));
const stack = await startStack(join(directory, "data"));
try {
  const file = join(directory, "file");
  const copy = join(directory, "copy");
  await writeRandomFile(file, Number(values.mebibytes));
  const contests: readonly Contest[] = [
    { name: "put", curl: ["-T", file, `${stack.api}/by-curl`], s3r: ["put", "-q", file, "by-s3r"] },
    { name: "get", curl: ["-o", copy, `${stack.api}/by-s3r`], s3r: ["get", "-q", "by-s3r", copy] },
  ];
  const scores: Score[] = [];
  for (const contest of contests) scores.push(await compete(contest, stack.api));

  const machine = `${cpus().length} cores of ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
  const rows = scores.map(
    ({ name, curl, s3r, ratio }) => `  ${name}   curl ${curl.toFixed(2)} s   s3r ${s3r.toFixed(2)} s   ratio ${ratio}`,
  );
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ scores, target: TARGET_RATIO, machine })}\n`
      : `${values.mebibytes} MiB, medians of ${values.rounds} rounds (${machine})\n\n${rows.join("\n")}\n\n  target: at most ${TARGET_RATIO}; s3r computes and verifies checksums, curl does not\n`,
  );
  process.exitCode = scores.every(({ ratio }) => ratio <= TARGET_RATIO) ? 0 : 1;
} finally {
  stack.stop();
  await rm(directory, { recursive: true, force: true });
}
