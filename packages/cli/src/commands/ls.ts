/** `s3r ls`: what is there. */
import { CliError } from "../cli-error.ts";
import { formatBytes, printable } from "../terminal/format.ts";
import type { ListedPage } from "../transfer/list-objects.ts";
import { isSet, type CommandContext, type CommandDefinition } from "./command.ts";
import { parsePrefixArgument } from "./parse-key.ts";

function show({ commonPrefixes, objects }: ListedPage, { output }: CommandContext): void {
  for (const prefix of commonPrefixes) {
    output.result({
      json: { operation: "ls", prefix },
      text: `${"".padStart(10)}  ${"".padEnd(20)}  ${printable(prefix)}`,
      isData: true,
    });
  }
  for (const { key, size, etag, lastModified } of objects) {
    const text = `${formatBytes(size).padStart(10)}  ${lastModified.replace(/\.\d+Z$/u, "Z").padEnd(20)}  ${printable(key)}`;
    output.result({ json: { operation: "ls", key, size, etag, lastModified }, text, isData: true });
  }
}

export const lsCommand: CommandDefinition = {
  usage: "ls [prefix]",
  description: "list keys, one level of them",
  examples: ["s3r ls", "s3r ls builds/", "s3r ls -r builds/", "s3r ls --json -r | jq -r .key"],
  configure(command) {
    command.option("-r, --recursive", "all keys, however deep");
  },
  async run({ args: [argument = ""], options }, context) {
    const prefix = parsePrefixArgument(argument);
    const delimiter = isSet(options, "recursive") ? undefined : "/";
    const [{ openWorld }, { listPages }] = await Promise.all([
      import("./open-world.ts"),
      import("../transfer/list-objects.ts"),
    ]);
    await using opened = openWorld(context);
    let found = 0;
    for await (const page of listPages(prefix, delimiter, opened.world)) {
      found += page.objects.length + page.commonPrefixes.length;
      show(page, context);
    }
    if (found > 0 || prefix === "") return;
    throw new CliError("NothingMatched", `no key begins with ${printable(prefix)}`, {
      hint: "look one level up: s3r ls",
    });
  },
};
