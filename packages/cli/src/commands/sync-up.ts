/** `s3r sync DIR PREFIX/`: what differs goes up, and with `--delete` what the directory does not have is deleted in the end. */
import { CliError } from "../cli-error.ts";
import { keyOfFile } from "../files/object-key.ts";
import { statIfThere } from "../files/walk-directory.ts";
import { printable, formatBytes } from "../terminal/format.ts";
import { formatMtime, MTIME } from "../transfer/compare-content.ts";
import { deleteUnit } from "../transfer/many-deletes.ts";
import { differences, type LocalFile, type Pair } from "../transfer/many-differences.ts";
import { createManyProgress } from "../transfer/many-progress.ts";
import { putUnits, type FileToPut } from "../transfer/many-puts.ts";
import { runMany } from "../transfer/many-units.ts";
import type { TransferWorld } from "../transfer/transfer-world.ts";
import { usageError, type CommandContext } from "./command.ts";
import { contentTypeOf } from "./content-type.ts";
import { MANY_LANES, openWorld } from "./open-world.ts";
import { reportPut } from "./put-report.ts";
import { joinSides, lookLocally, type SyncPlan } from "./sync-plan.ts";
import { createTally, type Tally } from "./tally.ts";

interface SyncRun {
  readonly sync: SyncPlan;
  readonly tally: Tally;
  readonly world: TransferWorld;
  /** Keys that no file has. */
  readonly surplus: string[];
}

function assertDirectory({ directory, prefix }: SyncPlan): void {
  if (statIfThere(directory)?.isDirectory() === true) return;
  throw usageError(
    `${directory} is no directory`,
    "sync goes from a directory to a prefix, unless --down is given",
    `the other way: s3r sync --down ${directory} ${prefix}`,
  );
}

function toFile(local: LocalFile, { sync }: SyncRun): FileToPut {
  const { prefix, settings, contentType } = sync;
  const { path, relative, modifiedMilliseconds } = local;
  return {
    path,
    request: {
      ...settings,
      key: keyOfFile(prefix, relative, path),
      contentType: contentType ?? contentTypeOf(path),
      metadata: { [MTIME]: formatMtime(modifiedMilliseconds), ...settings.metadata },
    },
  };
}

type Step = Pair | { readonly local: LocalFile; readonly object: undefined };

/** What is on both sides, and what is local only; the rest is remembered. */
async function* steps({ sync, tally, world, surplus }: SyncRun): AsyncGenerator<Step> {
  for await (const { left, right } of joinSides(sync, tally, world)) {
    const local = left === undefined ? undefined : lookLocally(left);
    if (local !== undefined) yield { local, object: right };
    else if (right !== undefined) surplus.push(right.key);
  }
}

/** New files come at once, those that are there already when they have been compared. */
async function* filesToPut(run: SyncRun): AsyncGenerator<FileToPut> {
  const { tally, world } = run;
  for await (const { local } of differences(steps(run), world, {
    unchanged: () => tally.unchanged(),
    failed: ({ local: { path }, object: { key } }, error) =>
      tally.failed(error, { operation: "sync", source: path, key }),
  })) {
    try {
      yield toFile(local, run);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      tally.failed(error, { operation: "put", source: local.path });
    }
  }
}

async function transfer(run: SyncRun): Promise<void> {
  const { tally, world } = run;
  const units = putUnits(filesToPut(run), world, {
    done: ({ path }, result, milliseconds) => tally.done(reportPut(path, result, milliseconds)),
    failed: ({ path, request: { key } }, error) => tally.failed(error, { operation: "put", source: path, key }),
  });
  await runMany(units, world);
}

async function pretend(run: SyncRun): Promise<void> {
  for await (const { path, request } of filesToPut(run)) {
    const bytes = statIfThere(path)?.size ?? 0;
    run.tally.done({
      json: { operation: "put", source: path, key: request.key, bytes },
      text: () => `would put ${printable(path)} → ${printable(request.key)} (${formatBytes(bytes)})`,
      bytes,
    });
  }
}

async function deleteSurplus({ sync, tally, world, surplus }: SyncRun): Promise<void> {
  const tell = (key: string, verb: string): void =>
    tally.deleted({ json: { operation: "rm", key }, text: () => `${verb} ${printable(key)}` });
  if (sync.many.isDryRun) {
    for (const key of surplus) tell(key, "would delete");
    return;
  }
  const listener = {
    done: (key: string) => tell(key, "deleted"),
    failed: (key: string, error: CliError) => tally.failed(error, { operation: "rm", key }),
  };
  await runMany(
    surplus.map((key) => deleteUnit(key, world, listener)),
    world,
  );
}

export async function syncUp(sync: SyncPlan, context: CommandContext): Promise<void> {
  assertDirectory(sync);
  const { isDryRun, ifNoFiles } = sync.many;
  const nothing = `${printable(sync.directory)} has no files that match`;
  const tally = createTally({ operation: "sync", isEachTold: false, isDryRun, ifNoFiles, nothing }, context);
  await using opened = openWorld(context, false, MANY_LANES);
  using progress = createManyProgress(context.progress);
  const run: SyncRun = { sync, tally, world: { ...opened.world, progress }, surplus: [] };
  await tally.run(async () => {
    if (isDryRun) await pretend(run);
    else await transfer(run);
    // An empty directory is a mistake more often than a wish.
    tally.requireSome();
    if (!sync.deletes || run.surplus.length === 0) return;
    if (tally.failures === 0) await deleteSurplus(run);
    else context.output.remark("nothing was deleted, since not all went well");
  });
}
