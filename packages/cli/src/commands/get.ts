/** `s3r get`: an object down, into a file or onto stdout. */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { createStdoutTarget } from "../terminal/stdout-target.ts";
import { parseByteRange, type ByteRange } from "../transfer/byte-range.ts";
import { stringOption, usageError, type CommandContext, type CommandDefinition, type CommandInput } from "./command.ts";
import { reportGet } from "./get-report.ts";
import { asksForMany, configureFilters } from "./many-options.ts";
import { parseKeyArgument } from "./parse-key.ts";

const STDOUT = "-";

interface GetPlan {
  readonly key: string;
  readonly destination: string;
  readonly noClobber: boolean;
  readonly range: ByteRange | undefined;
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

function parseRange(text: string | undefined): ByteRange | undefined {
  if (text === undefined) return undefined;
  const range = parseByteRange(text);
  if (range !== undefined) return range;
  throw usageError(
    `--range ${JSON.stringify(text)} is no range`,
    "it is FIRST-LAST, FIRST- or -COUNT",
    "--range 0-1023",
  );
}

function assertNoRange({ options }: CommandInput): void {
  if (stringOption(options, "range") === undefined) return;
  throw usageError("--range is of one object", "it was given with an option of many", "s3r get --range 0-1023 KEY");
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
  return {
    key,
    destination,
    noClobber: options["clobber"] === false,
    range: parseRange(stringOption(options, "range")),
  };
}

export const getCommand: CommandDefinition = {
  usage: "get <key> [dst]",
  description: "get an object, into a file or onto stdout (-), or many below a prefix (-r)",
  examples: [
    "s3r get builds/app.tgz               into ./app.tgz",
    "s3r get builds/app.tgz downloads/    into downloads/app.tgz",
    "s3r get builds/src.tgz - | tar xz",
    "s3r get -r builds/2024/ downloads    all below builds/2024/, as downloads/…",
  ],
  configure(command) {
    configureFilters(command)
      .option("-r, --recursive", "all objects below a prefix that ends in /, into a directory")
      .option(
        "--range <first-last>",
        "bytes from 0, such as 0-1023, 1024- or -1024: those alone, which no checksum is of",
      )
      .option("--no-clobber", "fail instead of replacing a file");
  },
  async run(input, context) {
    if (asksForMany(input.options)) {
      assertNoRange(input);
      await (await import("./get-many.ts")).getMany(input, context);
      return;
    }
    const { key, destination, noClobber, range } = await plan(input, context);
    const [{ openWorld }, { download }, { downloadRange }, { openFileTarget }] = await Promise.all([
      import("./open-world.ts"),
      import("../transfer/download.ts"),
      import("../transfer/download-range.ts"),
      import("../transfer/file-target.ts"),
    ]);
    await using opened = openWorld(context, destination !== STDOUT);
    const target =
      destination === STDOUT ? createStdoutTarget(context.stdout) : await openFileTarget(destination, noClobber);
    const started = performance.now();
    const result = await (range === undefined
      ? download({ key, target }, opened.world)
      : downloadRange({ key, range, target }, opened.world));
    const { json, text } = reportGet(destination, result, performance.now() - started);
    context.output.result({ json, text: text(), isData: false });
  },
};
