/** `s3r get`: an object down, into a file or onto stdout. */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { formatBytes, formatRate, formatSeconds, printable } from "../terminal/format.ts";
import { createStdoutTarget } from "../terminal/stdout-target.ts";
import type { DownloadResult } from "../transfer/download.ts";
import { usageError, type CommandContext, type CommandDefinition, type CommandInput } from "./command.ts";
import { parseKeyArgument } from "./parse-key.ts";

const STDOUT = "-";

interface GetPlan {
  readonly key: string;
  readonly destination: string;
  readonly noClobber: boolean;
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** A key has no `..` segments, no backslashes and no empty ones: its last segment is a plain file name. */
async function destinationFor(key: string, destination: string | undefined): Promise<string> {
  if (destination === undefined) return basename(key);
  if (destination === STDOUT) return STDOUT;
  return destination.endsWith("/") || (await isDirectory(destination)) ? join(destination, basename(key)) : destination;
}

async function plan({ args, options }: CommandInput, { json }: CommandContext): Promise<GetPlan> {
  const [keyArgument = "", destinationArgument] = args;
  const key = parseKeyArgument(keyArgument);
  const destination = await destinationFor(key, destinationArgument);
  if (json && destination === STDOUT) {
    throw usageError(
      "--json and - do not go together",
      "both write to stdout",
      `s3r get --json ${key} ./${basename(key)}`,
    );
  }
  return { key, destination, noClobber: options["clobber"] === false };
}

function report({ output }: CommandContext, destination: string, result: DownloadResult, milliseconds: number): void {
  const { key, bytes, etag, checksum, attempts } = result;
  const verified = checksum === undefined ? "length" : `length and ${checksum.algorithm}`;
  output.result({
    json: { operation: "get", key, destination, bytes, etag, checksum, seconds: milliseconds / 1000, attempts },
    text: `${printable(key)} → ${printable(destination)} (${formatBytes(bytes)} in ${formatSeconds(milliseconds)}, ${formatRate(bytes, milliseconds)}; ${verified} verified)`,
    isData: false,
  });
}

export const getCommand: CommandDefinition = {
  usage: "get <key> [dst]",
  description: "get an object, into a file or onto stdout (-)",
  examples: [
    "s3r get builds/app.tgz               into ./app.tgz",
    "s3r get builds/app.tgz downloads/    into downloads/app.tgz",
    "s3r get builds/src.tgz - | tar xz",
  ],
  configure(command) {
    command.option("--no-clobber", "fail instead of replacing a file");
  },
  async run(input, context) {
    const { key, destination, noClobber } = await plan(input, context);
    const [{ openWorld }, { download }, { openFileTarget }] = await Promise.all([
      import("./open-world.ts"),
      import("../transfer/download.ts"),
      import("../transfer/file-target.ts"),
    ]);
    const target =
      destination === STDOUT ? createStdoutTarget(context.stdout) : await openFileTarget(destination, noClobber);
    await using opened = openWorld(context, destination !== STDOUT);
    const started = performance.now();
    const result = await download({ key, target }, opened.world);
    report(context, destination, result, performance.now() - started);
  },
};
