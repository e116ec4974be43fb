/**
 * `demo`: the main job, shown command by command on this machine: a file of 256 MiB goes up with
 * progress and comes back through curl and through s3r, byte for byte. Ends with 0, or says which step is off.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { MEBIBYTE, sha256, writeRandomFile } from "./harness/files.ts";
import { plainEnvironment, s3rArguments } from "./harness/run.ts";
import { startStack, temporaryDirectory } from "./harness/stack.ts";

const SIZE = 256 * MEBIBYTE;

/** What keeps the demo from going on. */
class StepError extends Error {
  override readonly name = "StepError";
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

interface Shown {
  readonly program: string;
  readonly args: readonly string[];
  /** As a person would type it. */
  readonly typed: string;
}

/** Runs a command with this terminal, so that its progress is seen; returns what it wrote to stdout, which is shown too. */
async function show({ program, args, typed }: Shown, environment: Readonly<Record<string, string>>): Promise<string> {
  say(`\n$ ${typed}`);
  const started = performance.now();
  const { CI = "", TERM = "" } = process.env;
  const env = { ...plainEnvironment({ CI, TERM, ...environment }), NO_COLOR: process.env["NO_COLOR"] };
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const closed: unknown[] = await once(child, "close");
  if (output !== "") say(output.trimEnd());
  say(`  → exit ${String(closed[0])} after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (closed[0] !== 0) throw new StepError(`\`${typed}\` ended with ${String(closed[0])}`);
  return output;
}

function expectSame(what: string, actual: string, expected: string): void {
  if (actual !== expected) throw new StepError(`${what} differs: ${actual} is not ${expected}`);
  say(`  ✓ ${what}: SHA-256 ${actual}`);
}

async function curl(...args: readonly string[]): Promise<string> {
  return await show({ program: "curl", args: ["-q", "-sS", ...args], typed: `curl ${args.join(" ")}` }, {});
}

async function demonstrate(directory: string): Promise<void> {
  await using stack = await startStack();
  say(
    `The API answers at ${stack.api}; objects live in the dev store at ${stack.store}. The API never carries a byte of them.`,
  );
  const source = join(directory, "build.tar");
  await writeRandomFile(source, SIZE);
  const digest = await sha256(source);

  const s3r = (...args: string[]) =>
    show(
      { program: process.execPath, args: s3rArguments(args), typed: `s3r ${args.join(" ")}` },
      { S3R_ENDPOINT: stack.api },
    );

  await s3r("put", source, "builds/");
  await curl("-fL", "-o", join(directory, "by-curl"), `${stack.api}/builds/build.tar`);
  expectSame("curl got what s3r put", await sha256(join(directory, "by-curl")), digest);
  await s3r("get", "builds/build.tar", join(directory, "by-s3r"));
  expectSame("s3r got what s3r put", await sha256(join(directory, "by-s3r")), digest);

  await curl("-fL", "-T", join(directory, "by-curl"), `${stack.api}/builds/again.tar`);
  await s3r("get", "builds/again.tar", join(directory, "again"));
  expectSame("s3r got what curl put", await sha256(join(directory, "again")), digest);

  const listing = await s3r("ls", "builds/");
  for (const key of ["builds/again.tar", "builds/build.tar"]) {
    if (!listing.includes(key)) throw new StepError(`the listing does not show ${key}`);
  }
  await s3r("rm", "builds/build.tar", "builds/again.tar");
  const gone = await curl("-L", "-o", "/dev/null", "-w", "%{http_code}", `${stack.api}/builds/build.tar`);
  if (gone !== "404") throw new StepError(`a deleted object answers ${gone}`);
}

const directory = await temporaryDirectory();
try {
  await demonstrate(directory);
  say("\nAll of it worked.");
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  process.stderr.write(`demo: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
