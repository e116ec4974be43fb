/** `s3r sync --down PREFIX/ DIR`: what differs comes down, and with `--delete` files that are no objects are deleted in the end. */
import { unlinkSync } from "node:fs";
import { toLocalError } from "../cli-error.ts";
import { openDownloadDirectory, pathBelow } from "../files/download-directory.ts";
import type { ListedObject } from "../s3/parse-listing.ts";
import { printable } from "../terminal/format.ts";
import { differences, type LocalFile, type Pair } from "../transfer/many-differences.ts";
import { createManyProgress } from "../transfer/many-progress.ts";
import { getUnit, type ObjectToGet } from "../transfer/many-gets.ts";
import { runMany, type ManyUnit } from "../transfer/many-units.ts";
import type { TransferWorld } from "../transfer/transfer-world.ts";
import type { CommandContext } from "./command.ts";
import { PLATFORM, pretendGet, tellGets, withPaths, type Wanted } from "./get-many.ts";
import { MANY_LANES, openWorld } from "./open-world.ts";
import { joinSides, lookLocally, type SyncPlan } from "./sync-plan.ts";
import { createTally, type Tally } from "./tally.ts";

interface SyncRun {
  readonly sync: SyncPlan;
  readonly tally: Tally;
  readonly world: TransferWorld;
  /** Paths of files that are no objects. */
  readonly surplus: string[];
}

type Step = Pair | { readonly local: undefined; readonly object: ListedObject };

async function* steps({ sync, tally, world, surplus }: SyncRun): AsyncGenerator<Step> {
  for await (const { left, right } of joinSides(sync, tally, world)) {
    const local: LocalFile | undefined = left === undefined ? undefined : lookLocally(left);
    if (right !== undefined) yield local === undefined ? { local, object: right } : { local, object: right };
    else if (local !== undefined) surplus.push(local.path);
  }
}

async function* objectsToGet(run: SyncRun): AsyncGenerator<ListedObject> {
  const { tally, world } = run;
  const listener = {
    unchanged: () => tally.unchanged(),
    failed: ({ local: { path }, object: { key } }: Pair, error: Parameters<Tally["failed"]>[0]) =>
      tally.failed(error, { operation: "sync", key, destination: path }),
  };
  for await (const { object } of differences(steps(run), world, listener)) yield object;
}

async function* unitsOf(
  files: AsyncIterable<ObjectToGet>,
  unitOf: (file: ObjectToGet) => ManyUnit,
): AsyncGenerator<ManyUnit> {
  for await (const file of files) yield unitOf(file);
}

async function transfer(run: SyncRun): Promise<void> {
  const { sync, tally, world } = run;
  const directory = openDownloadDirectory(sync.directory, { prefix: sync.prefix, platform: PLATFORM });
  const wanted: Wanted = { objects: objectsToGet(run), pathFor: (key) => directory.pathFor(key), tally };
  const many = { directory, noClobber: false, world, listener: tellGets(tally) };
  await runMany(
    unitsOf(withPaths(wanted), (file) => getUnit(file, many)),
    world,
  );
}

async function pretend(run: SyncRun): Promise<void> {
  const { directory, prefix } = run.sync;
  const pathFor = (key: string): string => pathBelow(directory, key, { prefix, platform: PLATFORM });
  const wanted: Wanted = { objects: objectsToGet(run), pathFor, tally: run.tally };
  for await (const file of withPaths(wanted)) pretendGet(file, run.tally);
}

function deleteFile(path: string, tally: Tally): void {
  try {
    unlinkSync(path);
    tally.deleted({ json: { operation: "rm", destination: path }, text: () => `deleted ${printable(path)}` });
  } catch (error) {
    tally.failed(toLocalError(error, `cannot delete ${path}`), { operation: "rm", destination: path });
  }
}

function deleteSurplus({ sync, tally, surplus }: SyncRun): void {
  for (const path of surplus) {
    if (!sync.many.isDryRun) deleteFile(path, tally);
    else tally.deleted({ json: { operation: "rm", destination: path }, text: () => `would delete ${printable(path)}` });
  }
}

export async function syncDown(sync: SyncPlan, context: CommandContext): Promise<void> {
  const { isDryRun, ifNoFiles } = sync.many;
  const nothing = `no key below ${sync.prefix === "" ? "the top" : printable(sync.prefix)} matches`;
  const tally = createTally({ operation: "sync", isEachTold: false, isDryRun, ifNoFiles, nothing }, context);
  await using opened = openWorld(context, true, MANY_LANES);
  using progress = createManyProgress(context.progress);
  const run: SyncRun = { sync, tally, world: { ...opened.world, progress }, surplus: [] };
  await tally.run(async () => {
    if (isDryRun) await pretend(run);
    else await transfer(run);
    // A prefix without objects is a mistake more often than a wish.
    tally.requireSome();
    if (!sync.deletes || run.surplus.length === 0) return;
    if (tally.failures === 0) deleteSurplus(run);
    else context.output.remark("nothing was deleted, since not all went well");
  });
}
