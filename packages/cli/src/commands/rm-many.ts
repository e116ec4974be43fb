/** Deletes what a command line of `s3r rm` names, keys or prefixes; of prefixes only after somebody has said so. */
import type { CliError } from "../cli-error.ts";
import { createPathFilter } from "../files/path-filter.ts";
import { confirm } from "../terminal/confirm.ts";
import { printable } from "../terminal/format.ts";
import { listObjects } from "../transfer/list-objects.ts";
import { deleteUnit } from "../transfer/many-deletes.ts";
import { runMany, type ManyUnit } from "../transfer/many-units.ts";
import type { TransferWorld } from "../transfer/transfer-world.ts";
import { usageError, type CommandContext } from "./command.ts";
import type { ManyOptions } from "./many-options.ts";
import { MANY_LANES, openWorld } from "./open-world.ts";
import { createTally, type Tally } from "./tally.ts";

export interface RemovePlan {
  readonly prefixes: readonly string[];
  readonly keys: readonly string[];
  readonly isForced: boolean;
  readonly many: ManyOptions;
}

type Keys = AsyncIterable<string> | Iterable<string>;

async function* keysBelow({ prefixes, many }: RemovePlan, world: TransferWorld): AsyncGenerator<string> {
  const filter = createPathFilter(many.rules);
  for (const prefix of prefixes) {
    for await (const { key } of listObjects(prefix, world)) if (filter.accepts(key.slice(prefix.length))) yield key;
  }
}

/** @throws CliError Usage where nobody can be asked. */
function assertMayDelete({ prefixes, many, isForced }: RemovePlan, { stdin, stderr, json }: CommandContext): void {
  const canAsk = stdin.isTTY === true && stderr.isTTY === true && !json;
  if (prefixes.length === 0 || many.isDryRun || isForced || canAsk) return;
  throw usageError(
    "rm -r deletes without a way back",
    "nobody can be asked: this is no terminal",
    "give --force, or see first what it would do: --dry-run",
  );
}

/** All of them, when somebody has agreed to so many; none otherwise. */
async function askFor(keys: Keys, { prefixes }: RemovePlan, context: CommandContext): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const key of keys) all.push(key);
  if (all.length === 0) return all;
  const where = prefixes.map((prefix) => (prefix === "" ? "the top" : printable(prefix))).join(", ");
  const objects = all.length === 1 ? "1 object" : `${all.length} objects`;
  if (await confirm(`Delete ${objects} below ${where}?`, context)) return all;
  throw usageError("nothing was deleted", "the answer was no", "s3r rm -r --dry-run shows what it is about");
}

async function findKeys(plan: RemovePlan, world: TransferWorld, context: CommandContext): Promise<Keys> {
  if (plan.prefixes.length === 0) {
    const filter = createPathFilter(plan.many.rules);
    return plan.keys.filter((key) => filter.accepts(key));
  }
  const keys = keysBelow(plan, world);
  return plan.isForced || plan.many.isDryRun ? keys : await askFor(keys, plan, context);
}

async function* unitsOf(keys: Keys, world: TransferWorld, tally: Tally): AsyncGenerator<ManyUnit> {
  const listener = {
    done: (key: string) =>
      tally.done({ json: { operation: "rm", key }, text: () => `deleted ${printable(key)}`, bytes: 0 }),
    failed: (key: string, error: CliError) => tally.failed(error, { operation: "rm", key }),
  };
  for await (const key of keys) yield deleteUnit(key, world, listener);
}

async function pretend(keys: Keys, tally: Tally): Promise<void> {
  for await (const key of keys)
    tally.done({ json: { operation: "rm", key }, text: () => `would delete ${printable(key)}`, bytes: 0 });
}

export async function removeMany(plan: RemovePlan, context: CommandContext): Promise<void> {
  assertMayDelete(plan, context);
  const { isDryRun, ifNoFiles, isRecursive } = plan.many;
  const nothing = "no key matches";
  const tally = createTally({ operation: "rm", isEachTold: !isRecursive, isDryRun, ifNoFiles, nothing }, context);
  await using opened = openWorld(context, false, MANY_LANES);
  const keys = await findKeys(plan, opened.world, context);
  await tally.run(async () => {
    if (isDryRun) await pretend(keys, tally);
    else await runMany(unitsOf(keys, opened.world, tally), opened.world);
    tally.requireSome();
  });
}
