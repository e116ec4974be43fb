/** `s3r get -r`: all objects below a prefix, into a directory. */
import { basename } from "node:path";
import { CliError } from "../cli-error.ts";
import { openDownloadDirectory, pathBelow, type DownloadDirectory } from "../files/download-directory.ts";
import { createPathFilter } from "../files/path-filter.ts";
import type { ListedObject } from "../s3/parse-listing.ts";
import { formatBytes, printable } from "../terminal/format.ts";
import { listObjects } from "../transfer/list-objects.ts";
import { getUnit, type GetMany, type ObjectToGet } from "../transfer/many-gets.ts";
import { createManyProgress } from "../transfer/many-progress.ts";
import { runMany, type ManyUnit } from "../transfer/many-units.ts";
import type { TransferWorld } from "../transfer/transfer-world.ts";
import { isSet, usageError, type CommandContext, type CommandInput } from "./command.ts";
import { reportGet } from "./get-report.ts";
import { parseFolderArgument, parseManyOptions, type ManyOptions } from "./many-options.ts";
import { MANY_LANES, openWorld } from "./open-world.ts";
import { parseKeyArgument } from "./parse-key.ts";
import { createTally, type Tally } from "./tally.ts";

interface GetManyPlan {
  readonly prefix: string;
  readonly root: string;
  readonly noClobber: boolean;
  readonly many: ManyOptions;
}

function plan({ args, options }: CommandInput): GetManyPlan {
  const [prefixArgument = "", root] = args;
  const prefix = parseFolderArgument(prefixArgument, "s3r get -r");
  if (root === undefined || root === "-") {
    throw usageError("get -r writes many files", "it has to know where", `s3r get -r ${prefixArgument} DIR`);
  }
  return { prefix, root, noClobber: options["clobber"] === false, many: parseManyOptions(options) };
}

export const PLATFORM = process.platform === "win32" ? "windows" : "posix";

/** Consoles and other tools make one for a folder that is empty. */
export function isFolderMarker({ key, size }: ListedObject): boolean {
  return key.endsWith("/") && size === 0;
}

export interface Wanted {
  readonly objects: AsyncIterable<ListedObject>;
  readonly pathFor: DownloadDirectory["pathFor"];
  readonly tally: Tally;
}

/** With a path for each; what can have none is told. */
export async function* withPaths({ objects, pathFor, tally }: Wanted): AsyncGenerator<ObjectToGet> {
  for await (const object of objects) {
    try {
      if (isFolderMarker(object)) tally.skipped(object.key, "it stands for an empty folder");
      else yield { object, path: pathFor(object.key) };
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      tally.failed(error, { operation: "get", key: object.key });
    }
  }
}

export function pretendGet({ object: { key, size }, path }: ObjectToGet, tally: Tally): void {
  tally.done({
    json: { operation: "get", key, destination: path, bytes: size },
    text: () => `would get ${printable(key)} → ${printable(path)} (${formatBytes(size)})`,
    bytes: size,
  });
}

export function tellGets(tally: Tally): GetMany["listener"] {
  return {
    done: ({ path }, result, milliseconds) => tally.done(reportGet(path, result, milliseconds)),
    failed: ({ object, path }, error) => tally.failed(error, { operation: "get", key: object.key, destination: path }),
  };
}

async function* wantedObjects({ prefix, many }: GetManyPlan, world: TransferWorld): AsyncGenerator<ListedObject> {
  const filter = createPathFilter(many.rules);
  for await (const object of listObjects(prefix, world)) {
    if (filter.accepts(object.key.slice(prefix.length))) yield object;
  }
}

async function* unitsOf(files: AsyncIterable<ObjectToGet>, run: GetMany): AsyncGenerator<ManyUnit> {
  for await (const file of files) yield getUnit(file, run);
}

async function transfer(get: GetManyPlan, tally: Tally, world: TransferWorld): Promise<void> {
  const { prefix, root, noClobber } = get;
  const directory = openDownloadDirectory(root, { prefix, platform: PLATFORM });
  const files = withPaths({ objects: wantedObjects(get, world), pathFor: (key) => directory.pathFor(key), tally });
  await runMany(unitsOf(files, { directory, noClobber, world, listener: tellGets(tally) }), world);
}

async function pretend(get: GetManyPlan, tally: Tally, world: TransferWorld): Promise<void> {
  const pathFor = (key: string): string => pathBelow(get.root, key, { prefix: get.prefix, platform: PLATFORM });
  for await (const file of withPaths({ objects: wantedObjects(get, world), pathFor, tally })) pretendGet(file, tally);
}

/** One object, taken by its name. */
function pretendOne({ args, options }: CommandInput, { output }: CommandContext): void {
  const [keyArgument = "", destination] = args;
  const key = parseKeyArgument(keyArgument);
  if (parseManyOptions(options).rules.length > 0)
    throw usageError("--include and --exclude choose of many", "one key is named", "s3r get -r PREFIX/ DIR");
  const to = destination ?? basename(key);
  const json = { operation: "get", key, destination: to, dryRun: true };
  output.result({ json, text: `would get ${printable(key)} → ${printable(to)}`, isData: true });
}

/** Everything but one object that is got. */
export async function getMany(input: CommandInput, context: CommandContext): Promise<void> {
  if (!isSet(input.options, "recursive")) {
    pretendOne(input, context);
    return;
  }
  const get = plan(input);
  const { isDryRun, ifNoFiles } = get.many;
  const nothing = `no key below ${get.prefix === "" ? "the top" : printable(get.prefix)} matches`;
  const tally = createTally({ operation: "get", isEachTold: false, isDryRun, ifNoFiles, nothing }, context);
  await using opened = openWorld(context, true, MANY_LANES);
  using progress = createManyProgress(context.progress);
  const world = { ...opened.world, progress };
  await tally.run(async () => {
    if (isDryRun) await pretend(get, tally, world);
    else await transfer(get, tally, world);
    tally.requireSome();
  });
}
