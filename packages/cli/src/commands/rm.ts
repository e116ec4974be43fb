/** `s3r rm`: objects gone. */
import { printable } from "../terminal/format.ts";
import { isSet, type CommandContext, type CommandDefinition } from "./command.ts";
import { configureFilters, parseFolderArgument, parseManyOptions } from "./many-options.ts";
import { parseKeyArgument } from "./parse-key.ts";

async function removeOne(key: string, context: CommandContext): Promise<void> {
  const [{ openWorld }, { simpleRequest }] = await Promise.all([
    import("./open-world.ts"),
    import("../transfer/simple-request.ts"),
  ]);
  await using opened = openWorld(context);
  await simpleRequest({ name: "DeleteObject", key, query: {} }, {}, opened.world);
  context.output.result({ json: { operation: "rm", key }, text: `deleted ${printable(key)}`, isData: false });
}

export const rmCommand: CommandDefinition = {
  usage: "rm <key...>",
  description: "delete objects; one that is not there is no error",
  examples: [
    "s3r rm builds/app.tgz",
    "s3r rm builds/a.tgz builds/b.tgz",
    "s3r rm -r builds/2024/               all below it; asks first",
    "s3r rm -r --force --exclude '*.log' builds/2024/",
  ],
  configure(command) {
    configureFilters(command)
      .option("-r, --recursive", "all below prefixes, which end in /; / alone is all there is")
      .option("-f, --force", "do not ask; has to be given where nobody can be asked");
  },
  async run({ args, options }, context) {
    const many = parseManyOptions(options);
    const isForced = isSet(options, "force");
    const prefixes = many.isRecursive ? args.map((prefix) => parseFolderArgument(prefix, "s3r rm -r")) : [];
    const keys = many.isRecursive ? [] : args.map(parseKeyArgument);
    const [key, ...others] = keys;
    if (key !== undefined && others.length === 0 && !many.isDryRun && many.rules.length === 0) {
      await removeOne(key, context);
      return;
    }
    const { removeMany } = await import("./rm-many.ts");
    await removeMany({ prefixes, keys, isForced, many }, context);
  },
};
