/** `build`: what is deployed, in `dist`: the function with its ZIP file, the server as one file, and the command. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BuildError } from "./build-error.ts";
import type { Bundle } from "./bundle.ts";
import { bundleCli, bundleLambda, bundleServer } from "./bundles.ts";
import { compilePolicyFile } from "./compile-policy-file.ts";
import { zipFiles } from "./zip-files.ts";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));

interface BuildOptions {
  /** Directory; what it holds of a function is replaced. */
  readonly out: string;
  /** Path of the policy that goes into the function. */
  readonly policy?: string | undefined;
}

async function writeFunction(directory: string, policy: string | undefined): Promise<Bundle> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const bundle = await bundleLambda(join(directory, "index.mjs"));
  if (policy !== undefined) await writeFile(join(directory, "policy.json"), policy);
  return bundle;
}

async function writeCli(directory: string): Promise<Bundle> {
  // The names of earlier chunks are others.
  await rm(directory, { recursive: true, force: true });
  return await bundleCli(join(directory, "s3r.mjs"));
}

/** @returns its size in bytes. */
async function writeArchive(file: string, directory: string): Promise<number> {
  const names = (await readdir(directory)).sort();
  const files = await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const));
  const archive = zipFiles(Object.fromEntries(files));
  await writeFile(file, archive);
  return archive.byteLength;
}

async function build({ out, policy: policyFile }: BuildOptions): Promise<void> {
  const policy = policyFile === undefined ? undefined : await compilePolicyFile(policyFile);
  const lambda = await writeFunction(join(out, "lambda"), policy);
  const archive = await writeArchive(join(out, "lambda.zip"), join(out, "lambda"));
  const server = await bundleServer(join(out, "server.mjs"));
  const cli = await writeCli(join(out, "cli"));
  const sizes = { "lambda/index.mjs": lambda.size, "lambda.zip": archive, "server.mjs": server.size, cli: cli.size };
  for (const [file, bytes] of Object.entries(sizes)) {
    process.stdout.write(`${file.padEnd(18)} ${(bytes / 1000).toFixed(1).padStart(6)} kB\n`);
  }
  if (policy === undefined) process.stdout.write("The function has no policy yet: `build --policy FILE`\n");
}

function readOptions(): BuildOptions {
  try {
    const { values } = parseArgs({ options: { policy: { type: "string" }, out: { type: "string", default: DIST } } });
    return values;
  } catch (cause) {
    throw new BuildError(cause instanceof Error ? cause.message : "the arguments cannot be read", { cause });
  }
}

try {
  await build(readOptions());
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`build: error: ${error.message}\n`);
  process.exitCode = 2;
}
