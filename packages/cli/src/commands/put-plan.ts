/** What a command line of `s3r put` asks for. */
import { basename } from "node:path";
import type { Command } from "commander";
import { stringListOption, stringOption, usageError, type CommandInput } from "./command.ts";
import { parseManyOptions, type ManyOptions } from "./many-options.ts";
import { configureUpload, parseUploadTuning, type UploadTuning } from "./upload-options.ts";
import { parseKeyArgument } from "./parse-key.ts";

export const STDIN = "-";

/** What is kept with every object, and how it goes up. */
export interface PutSettings extends UploadTuning {
  readonly cacheControl: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly noClobber: boolean;
}

export interface PutPlan {
  /** Files, directories, patterns, or one `-`. */
  readonly paths: readonly string[];
  readonly destination: string | undefined;
  readonly contentType: string | undefined;
  readonly settings: PutSettings;
  readonly many: ManyOptions;
}

/** `/` at the end keeps the name; without a destination the name is the key. @throws CliError Usage */
export function keyFor(path: string, destination: string | undefined): string {
  if (destination !== undefined && !destination.endsWith("/")) return parseKeyArgument(destination);
  if (path === STDIN)
    throw usageError("stdin has no name", "the destination must be a whole key", "s3r put - builds/log.txt");
  return parseKeyArgument((destination === "/" ? "" : (destination ?? "")) + basename(path));
}

/** The last argument is the destination when there are several; several sources need one that ends in `/`. */
function splitArguments(args: readonly string[]): Pick<PutPlan, "paths" | "destination"> {
  if (args.length < 2) return { paths: args, destination: undefined };
  const destination = args.at(-1);
  const paths = args.slice(0, -1);
  if (paths.length > 1 && destination?.endsWith("/") !== true) {
    throw usageError(
      "several files need a destination that ends in /",
      `\`${destination}\` is one key`,
      `s3r put ${paths.join(" ")} ${destination}/`,
    );
  }
  return { paths, destination };
}

function assertStdinHasKey({ paths, destination }: Pick<PutPlan, "paths" | "destination">): void {
  if (paths.includes(STDIN)) keyFor(STDIN, destination);
}

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

/** The options of what is kept with every object. */
export function configureSettings(command: Command): Command {
  return configureUpload(command)
    .option("--content-type <type>", "guessed from the name otherwise")
    .option("--cache-control <value>", "kept with the object")
    .option("--metadata <name=value>", "kept with the object; may be repeated", collect, []);
}

function parseMetadata(pairs: readonly string[]): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const pair of pairs) {
    const [, name, value] = /^([A-Za-z0-9][\w.-]*)=([\x20-\x7e]*)$/u.exec(pair) ?? [];
    if (name === undefined || value === undefined) {
      throw usageError(
        `--metadata ${JSON.stringify(pair)} cannot be sent`,
        "it must be name=value, in printable ASCII",
        "--metadata commit=4f2a91c",
      );
    }
    metadata[name.toLowerCase()] = value;
  }
  return metadata;
}

function assertHeaderValue(option: string, value: string | undefined): string | undefined {
  if (value === undefined || /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/u.test(value)) return value;
  throw usageError(
    `${option} ${JSON.stringify(value)} cannot be sent`,
    "it must be printable ASCII",
    `${option} text/plain`,
  );
}

export function parseContentType(options: CommandInput["options"]): string | undefined {
  return assertHeaderValue("--content-type", stringOption(options, "contentType"));
}

/** @throws CliError Usage */
export function parsePutSettings(options: CommandInput["options"]): PutSettings {
  return {
    cacheControl: assertHeaderValue("--cache-control", stringOption(options, "cacheControl")),
    metadata: parseMetadata(stringListOption(options, "metadata")),
    noClobber: options["clobber"] === false,
    ...parseUploadTuning(options),
  };
}

/** @throws CliError Usage, before any file is looked at. */
export function planPut({ args, options }: CommandInput): PutPlan {
  const split = splitArguments(args);
  assertStdinHasKey(split);
  return {
    ...split,
    contentType: parseContentType(options),
    settings: parsePutSettings(options),
    many: parseManyOptions(options),
  };
}
