/** What a command line of `s3r put` asks for. */
import { basename } from "node:path";
import { stringListOption, stringOption, usageError, type CommandInput } from "./command.ts";
import { parseUploadTuning, type UploadTuning } from "./upload-options.ts";
import { parseKeyArgument } from "./parse-key.ts";

export const STDIN = "-";

export interface PutPlan {
  readonly sources: readonly { readonly path: string; readonly key: string }[];
  readonly contentType: string | undefined;
  readonly cacheControl: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly noClobber: boolean;
  readonly tuning: UploadTuning;
}

/** `/` at the end keeps the name; without a destination the name is the key. */
function keyFor(path: string, destination: string | undefined): string {
  if (destination !== undefined && !destination.endsWith("/")) return parseKeyArgument(destination);
  if (path === STDIN)
    throw usageError("stdin has no name", "the destination must be a whole key", "s3r put - builds/log.txt");
  return parseKeyArgument((destination ?? "") + basename(path));
}

/** The last argument is the destination when there are several; several sources need one that ends in `/`. */
function splitArguments(args: readonly string[]): {
  readonly paths: readonly string[];
  readonly destination: string | undefined;
} {
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

function assertDistinct(sources: PutPlan["sources"]): void {
  const keys = new Set<string>();
  for (const { path, key } of sources) {
    if (keys.has(key))
      throw usageError(`two files would become ${key}`, `${path} is the second of that name`, "put them one by one");
    keys.add(key);
  }
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

/** @throws CliError Usage, before any file is looked at. */
export function planPut({ args, options }: CommandInput): PutPlan {
  const { paths, destination } = splitArguments(args);
  const sources = paths.map((path) => ({ path, key: keyFor(path, destination) }));
  assertDistinct(sources);
  return {
    sources,
    contentType: assertHeaderValue("--content-type", stringOption(options, "contentType")),
    cacheControl: assertHeaderValue("--cache-control", stringOption(options, "cacheControl")),
    metadata: parseMetadata(stringListOption(options, "metadata")),
    noClobber: options["clobber"] === false,
    tuning: parseUploadTuning(options),
  };
}
