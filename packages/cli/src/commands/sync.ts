/** `s3r sync`: a directory and a prefix made the same, one way. */
import { isSet, usageError, type CommandDefinition, type CommandInput } from "./command.ts";
import { configureFilters, configureLinks, parseFolderArgument, parseManyOptions } from "./many-options.ts";
import { configureSettings, parseContentType, parsePutSettings } from "./put-plan.ts";
import type { SyncPlan } from "./sync-plan.ts";

function plan({ args, options }: CommandInput): SyncPlan {
  const [from = "", to = ""] = args;
  const isDown = isSet(options, "down");
  if (isDown && isSet(options, "up")) throw usageError("--up and --down are opposites", "both are given", "give one");
  const [directory, prefix] = isDown ? [to, from] : [from, to];
  if (directory === "") throw usageError("the directory is empty", "it has to be named", "`.` is the one you are in");
  return {
    direction: isDown ? "down" : "up",
    directory,
    prefix: parseFolderArgument(prefix, isDown ? "s3r sync --down" : `s3r sync ${directory}`),
    deletes: isSet(options, "delete"),
    many: parseManyOptions(options),
    contentType: parseContentType(options),
    settings: parsePutSettings(options),
  };
}

export const syncCommand: CommandDefinition = {
  usage: "sync <from> <to>",
  description: "make a prefix the same as a directory, or with --down a directory the same as a prefix",
  examples: [
    "s3r sync dist site/                  up: what differs in dist, as site/…",
    "s3r sync --delete dist site/         … and what dist does not have is deleted",
    "s3r sync --down site/ dist           down",
    "s3r sync --dry-run --delete dist site/",
  ],
  configure(command) {
    configureLinks(configureFilters(configureSettings(command)))
      .option("--up", "from a directory to a prefix, as without --down")
      .option("--down", "from a prefix to a directory")
      .option("--delete", "delete what the other side does not have, when all else has gone well");
  },
  async run(input, context) {
    const sync = plan(input);
    if (sync.direction === "up") await (await import("./sync-up.ts")).syncUp(sync, context);
    else await (await import("./sync-down.ts")).syncDown(sync, context);
  },
};
