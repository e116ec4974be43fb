/** `s3r put` of several files, of directories and of patterns. */
import { statSync } from "node:fs";
import { CliError } from "../cli-error.ts";
import { classifySource, findFiles, type Source } from "../files/find-files.ts";
import { keyOfFile } from "../files/object-key.ts";
import { createPathFilter } from "../files/path-filter.ts";
import type { Walked } from "../files/walk-directory.ts";
import { createManyProgress } from "../transfer/many-progress.ts";
import { putUnits, type FileToPut } from "../transfer/many-puts.ts";
import { runMany } from "../transfer/many-units.ts";
import { formatBytes, printable } from "../terminal/format.ts";
import { usageError, type CommandContext } from "./command.ts";
import { contentTypeOf } from "./content-type.ts";
import { parseFolderArgument } from "./many-options.ts";
import { MANY_LANES, openWorld } from "./open-world.ts";
import { keyFor, type PutPlan } from "./put-plan.ts";
import { reportPut } from "./put-report.ts";
import { createTally, type Tally } from "./tally.ts";

function assertDistinct(files: readonly Source[], destination: string | undefined): void {
  const keys = new Set<string>();
  for (const { path } of files) {
    const key = keyFor(path, destination);
    if (keys.has(key))
      throw usageError(`two files would become ${key}`, `${path} is the second of that name`, "put them one by one");
    keys.add(key);
  }
}

/** What stands before the path of each file: it keeps its name below that. */
function prefixFor(sources: readonly Source[], destination: string | undefined): string {
  if (destination !== undefined) return parseFolderArgument(destination, "s3r put … ");
  const directory = sources.find(({ kind }) => kind === "directory");
  if (directory === undefined) return "";
  throw usageError(
    "a directory needs a destination",
    "the keys of its files are made of that and of their paths in it",
    `s3r put -r ${directory.path} PREFIX/, or / for none`,
  );
}

type KeyOf = (relative: string, path: string) => string;

/** A key for each file, and no key for two. */
function createKeys(sources: readonly Source[], destination: string | undefined): KeyOf {
  const [only, ...others] = sources;
  if (only?.kind === "file" && others.length === 0) return (_relative, path) => keyFor(path, destination);
  const prefix = prefixFor(sources, destination);
  if (others.length === 0) return (relative, path) => keyOfFile(prefix, relative, path);
  const taken = new Set<string>();
  return (relative, path) => {
    const key = keyOfFile(prefix, relative, path);
    if (taken.has(key))
      throw usageError(`two files would become ${key}`, `${path} is the second of that name`, "put them one by one");
    taken.add(key);
    return key;
  };
}

interface PutMany {
  readonly put: PutPlan;
  readonly sources: readonly Source[];
  readonly keyOf: KeyOf;
  readonly tally: Tally;
}

function toFile({ path, relative }: Walked & { readonly kind: "file" }, { put, keyOf }: PutMany): FileToPut {
  const { contentType, settings } = put;
  const key = keyOf(relative, path);
  return { path, request: { ...settings, key, contentType: contentType ?? contentTypeOf(path) } };
}

function* filesToPut(run: PutMany): Generator<FileToPut> {
  const { put, sources, tally } = run;
  const options = { filter: createPathFilter(put.many.rules), followsLinks: put.many.followsLinks };
  for (const source of sources) {
    for (const found of findFiles(source, options)) {
      try {
        if (found.kind === "file") yield toFile(found, run);
        else if (found.kind === "skipped") tally.skipped(found.path, found.reason);
        else tally.failed(found.error, { operation: "put", source: found.path });
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        tally.failed(error, { operation: "put", source: found.path });
      }
    }
  }
}

function pretend(run: PutMany): void {
  for (const { path, request } of filesToPut(run)) {
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    run.tally.done({
      json: { operation: "put", source: path, key: request.key, bytes },
      text: () => `would put ${printable(path)} → ${printable(request.key)} (${formatBytes(bytes)})`,
      bytes,
    });
  }
}

async function transfer(run: PutMany, context: CommandContext): Promise<void> {
  await using opened = openWorld(context, false, MANY_LANES);
  using progress = createManyProgress(context.progress);
  const world = { ...opened.world, progress };
  const units = putUnits(filesToPut(run), world, {
    done: ({ path }, result, milliseconds) => run.tally.done(reportPut(path, result, milliseconds)),
    failed: ({ path, request }, error) => run.tally.failed(error, { operation: "put", source: path, key: request.key }),
  });
  await runMany(units, world);
}

export async function putMany(put: PutPlan, context: CommandContext): Promise<void> {
  const { isRecursive, isDryRun, ifNoFiles } = put.many;
  const sources = put.paths.map((path) => classifySource(path, isRecursive));
  const files = sources.filter(({ kind }) => kind === "file");
  assertDistinct(files, put.destination);
  const keyOf = createKeys(sources, put.destination);
  const nothing = `nothing to put: ${put.paths.map(printable).join(", ")} ${put.paths.length === 1 ? "has" : "have"} no files that match`;
  const isEachTold = files.length === sources.length;
  const tally = createTally({ operation: "put", isEachTold, isDryRun, ifNoFiles, nothing }, context);
  const run = { put, sources, keyOf, tally };
  await tally.run(async () => {
    if (isDryRun) pretend(run);
    else await transfer(run, context);
    tally.requireSome();
  });
}
