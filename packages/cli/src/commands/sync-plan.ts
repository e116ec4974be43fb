/** What both directions of `s3r sync` have in common: the two sides, next to each other. */
import { statSync } from "node:fs";
import { CliError } from "../cli-error.ts";
import { findInDirectory, type FindOptions } from "../files/find-files.ts";
import { joinSorted, type Joined } from "../files/join-sorted.ts";
import { createPathFilter, type PathFilter } from "../files/path-filter.ts";
import { statIfThere, type Walked } from "../files/walk-directory.ts";
import type { ListedObject } from "../s3/parse-listing.ts";
import { listObjects } from "../transfer/list-objects.ts";
import type { LocalFile } from "../transfer/many-differences.ts";
import type { TransferWorld } from "../transfer/transfer-world.ts";
import type { ManyOptions } from "./many-options.ts";
import type { PutSettings } from "./put-plan.ts";
import type { Tally } from "./tally.ts";

export interface SyncPlan {
  readonly direction: "up" | "down";
  readonly directory: string;
  readonly prefix: string;
  readonly deletes: boolean;
  readonly many: ManyOptions;
  readonly contentType: string | undefined;
  readonly settings: PutSettings;
}

type FoundFile = Walked & { readonly kind: "file" };

/** What is there and no file is told. A directory that is not there yet has none. */
function* filesIn(directory: string, options: FindOptions, tally: Tally): Generator<FoundFile> {
  if (statIfThere(directory) === undefined) return;
  for (const found of findInDirectory(directory, options)) {
    if (found.kind === "file") yield found;
    else if (found.kind === "skipped") tally.skipped(found.path, found.reason);
    else tally.failed(found.error, { operation: "sync", source: found.path });
  }
}

async function* objectsBelow(prefix: string, filter: PathFilter, world: TransferWorld): AsyncGenerator<ListedObject> {
  for await (const object of listObjects(prefix, world)) {
    // What stands for a folder has no file on the other side.
    if (!object.key.endsWith("/") && filter.accepts(object.key.slice(prefix.length))) yield object;
  }
}

function disorderOfStore(name: string): CliError {
  return new CliError("UnsafeServer", "the store lists its keys in no order", {
    reason: `${JSON.stringify(name)} comes too late`,
    hint: "this store cannot be synced with; put -r and get -r do not mind",
  });
}

export function joinSides(
  { directory, prefix, many, direction }: SyncPlan,
  tally: Tally,
  world: TransferWorld,
): AsyncGenerator<Joined<FoundFile, ListedObject>> {
  const filter = createPathFilter(many.rules);
  // Down, what is written and deleted has to lie in the directory itself.
  const options = { filter, followsLinks: direction === "up" && many.followsLinks };
  return joinSorted(
    {
      items: filesIn(directory, options, tally),
      nameOf: ({ relative }) => relative,
      disorder: (name) => new Error(`the directory's files are in no order at ${name}`),
    },
    {
      items: objectsBelow(prefix, filter, world),
      nameOf: ({ key }) => key.slice(prefix.length),
      disorder: disorderOfStore,
    },
  );
}

/** Nothing when it is gone: whoever transfers it says so. */
export function lookLocally({ path, relative }: FoundFile): LocalFile | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : { path, relative, size: stats.size, modifiedMilliseconds: stats.mtimeMs };
}
