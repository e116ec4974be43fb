/** `s3r ls`: what is there. */
import type { Operation } from "@s3r/shared";
import { CliError } from "../cli-error.ts";
import type { ListingPage } from "../s3/parse-listing.ts";
import { formatBytes, printable } from "../terminal/format.ts";
import type { TransferWorld } from "../transfer/transfer-world.ts";
import { isSet, type CommandContext, type CommandDefinition } from "./command.ts";
import { parsePrefixArgument } from "./parse-key.ts";

interface ListPlan {
  readonly prefix: string;
  readonly recursive: boolean;
}

/** The deployment's key prefix stands before what was asked for: clients know nothing of it. */
function stripper(page: ListingPage, prefix: string): (key: string) => string {
  const length = page.prefix.endsWith(prefix) ? page.prefix.length - prefix.length : 0;
  return (key) => key.slice(length);
}

function endless(): CliError {
  return new CliError("UnsafeServer", "the store's listing has no end", {
    reason: "its next page is the same one again",
    hint: "tell the API's operator",
  });
}

async function* listPages({ prefix, recursive }: ListPlan, world: TransferWorld): AsyncGenerator<ListingPage> {
  const [{ simpleRequest }, { parseListing }] = await Promise.all([
    import("../transfer/simple-request.ts"),
    import("../s3/parse-listing.ts"),
  ]);
  for (let token: string | undefined = ""; token !== undefined;) {
    const operation: Operation = {
      name: "ListObjectsV2",
      key: prefix,
      query: {
        "list-type": "2",
        ...(recursive ? {} : { delimiter: "/" }),
        ...(token === "" ? {} : { "continuation-token": token }),
      },
    };
    const page = parseListing((await simpleRequest(operation, {}, world)).text);
    yield page;
    if (page.nextToken === token) throw endless();
    token = page.nextToken;
  }
}

function show(page: ListingPage, prefix: string, { output }: CommandContext): void {
  const strip = stripper(page, prefix);
  for (const commonPrefix of page.commonPrefixes.map(strip)) {
    output.result({
      json: { operation: "ls", prefix: commonPrefix },
      text: `${"".padStart(10)}  ${"".padEnd(20)}  ${printable(commonPrefix)}`,
      isData: true,
    });
  }
  for (const { key, size, etag, lastModified } of page.objects) {
    const text = `${formatBytes(size).padStart(10)}  ${lastModified.replace(/\.\d+Z$/u, "Z").padEnd(20)}  ${printable(strip(key))}`;
    output.result({ json: { operation: "ls", key: strip(key), size, etag, lastModified }, text, isData: true });
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
    const { openWorld } = await import("./open-world.ts");
    await using opened = openWorld(context);
    let found = 0;
    for await (const page of listPages({ prefix, recursive: isSet(options, "recursive") }, opened.world)) {
      found += page.objects.length + page.commonPrefixes.length;
      show(page, prefix, context);
    }
    if (found > 0 || prefix === "") return;
    throw new CliError("NothingMatched", `no key begins with ${printable(prefix)}`, {
      hint: "look one level up: s3r ls",
    });
  },
};
