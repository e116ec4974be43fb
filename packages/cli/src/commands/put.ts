/** `s3r put`: files up. */
import { basename } from "node:path";
import { formatBytes, formatRate, formatSeconds, printable } from "../terminal/format.ts";
import type { Source } from "../transfer/source.ts";
import type { UploadResult } from "../transfer/upload.ts";
import {
  stringListOption,
  stringOption,
  usageError,
  type CommandContext,
  type CommandDefinition,
  type CommandInput,
} from "./command.ts";
import { parseKeyArgument } from "./parse-key.ts";

const STDIN = "-";

interface PutPlan {
  readonly sources: readonly { readonly path: string; readonly key: string }[];
  readonly contentType: string | undefined;
  readonly cacheControl: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly noClobber: boolean;
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

function plan({ args, options }: CommandInput): PutPlan {
  const { paths, destination } = splitArguments(args);
  const sources = paths.map((path) => ({ path, key: keyFor(path, destination) }));
  assertDistinct(sources);
  return {
    sources,
    contentType: assertHeaderValue("--content-type", stringOption(options, "contentType")),
    cacheControl: assertHeaderValue("--cache-control", stringOption(options, "cacheControl")),
    metadata: parseMetadata(stringListOption(options, "metadata")),
    noClobber: options["clobber"] === false,
  };
}

/** All sources are opened before a byte of any of them moves. */
async function openSources(paths: readonly string[], stdin: NodeJS.ReadStream): Promise<Source[]> {
  const [{ openFileSource }, { openStdinSource }, { assertUploadable }] = await Promise.all([
    import("../transfer/source.ts"),
    import("./read-stdin.ts"),
    import("../transfer/upload.ts"),
  ]);
  const opened: Source[] = [];
  try {
    for (const path of paths) opened.push(await (path === STDIN ? openStdinSource(stdin) : openFileSource(path)));
    for (const source of opened) assertUploadable(source);
    return opened;
  } catch (error) {
    for (const source of opened) await source[Symbol.asyncDispose]();
    throw error;
  }
}

async function guessContentType(name: string): Promise<string> {
  const { lookup } = await import("mrmime");
  return lookup(name) ?? "application/octet-stream";
}

function report({ output }: CommandContext, path: string, result: UploadResult, milliseconds: number): void {
  const { key, bytes, etag, crc32, attempts } = result;
  output.result({
    json: {
      operation: "put",
      source: path,
      key,
      bytes,
      etag,
      checksum: { algorithm: "CRC32", value: crc32 },
      seconds: milliseconds / 1000,
      attempts,
    },
    text: `${printable(path)} → ${printable(key)} (${formatBytes(bytes)} in ${formatSeconds(milliseconds)}, ${formatRate(bytes, milliseconds)})`,
    isData: false,
  });
}

interface OpenedUpload {
  readonly path: string;
  readonly key: string;
  readonly source: Source;
}

async function putAll(uploads: readonly OpenedUpload[], put: PutPlan, context: CommandContext): Promise<void> {
  const [{ openWorld }, { upload }, { runAll }] = await Promise.all([
    import("./open-world.ts"),
    import("../transfer/upload.ts"),
    import("./run-all.ts"),
  ]);
  await using opened = openWorld(context);
  const { contentType, cacheControl, metadata, noClobber } = put;
  await runAll(
    uploads,
    context.output,
    ({ path, key }) => ({ operation: "put", source: path, key }),
    async ({ path, key, source }) => {
      const started = performance.now();
      const type = contentType ?? (await guessContentType(path === STDIN ? key : path));
      const result = await upload({ source, key, contentType: type, cacheControl, metadata, noClobber }, opened.world);
      report(context, path, result, performance.now() - started);
    },
  );
}

export const putCommand: CommandDefinition = {
  usage: "put <src...>",
  description: "put files, or stdin (-): s3r put <src...> [dst]",
  examples: [
    "s3r put app.tgz                      the key is app.tgz",
    "s3r put app.tgz builds/              the key is builds/app.tgz",
    "s3r put a.txt b.txt docs/            several files",
    "tar cz src | s3r put - builds/src.tgz",
    "s3r put --no-clobber --metadata commit=4f2a91c app.tgz releases/1.2.3.tgz",
  ],
  configure(command) {
    command
      .option("--no-clobber", "fail instead of replacing an object")
      .option("--content-type <type>", "guessed from the name otherwise")
      .option("--cache-control <value>", "kept with the object")
      .option("--metadata <name=value...>", "kept with the object; may be repeated");
  },
  async run(input, context) {
    const put = plan(input);
    const sources = await openSources(
      put.sources.map(({ path }) => path),
      context.stdin,
    );
    try {
      const uploads = put.sources.flatMap((each, index) => {
        const source = sources[index];
        return source === undefined ? [] : [{ ...each, source }];
      });
      await putAll(uploads, put, context);
    } finally {
      for (const source of sources) await source[Symbol.asyncDispose]();
    }
  },
};
