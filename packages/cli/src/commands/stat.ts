/** `s3r stat`: what the store knows of an object. */
import { formatBytes, printable } from "../terminal/format.ts";
import type { ObjectHead } from "../transfer/object-head.ts";
import type { CommandDefinition } from "./command.ts";
import { parseKeyArgument } from "./parse-key.ts";

function lines(key: string, { size, contentType, lastModified, etag, checksum, metadata }: ObjectHead): string {
  const rows: (readonly [string, string | undefined])[] = [
    ["key", key],
    ["size", size === undefined ? undefined : `${size} (${formatBytes(size)})`],
    ["type", contentType],
    ["modified", lastModified],
    ["etag", etag],
    ["checksum", checksum === undefined ? undefined : `${checksum.algorithm} ${checksum.value}`],
    ...Object.entries(metadata).map(([name, value]) => [`metadata ${name}`, value] as const),
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${printable(value)}`])).join("\n");
}

export const statCommand: CommandDefinition = {
  usage: "stat <key>",
  description: "show size, type, date, ETag, checksum and metadata of an object",
  examples: ["s3r stat builds/app.tgz", "s3r stat --json builds/app.tgz"],
  async run({ args: [argument = ""] }, context) {
    const key = parseKeyArgument(argument);
    const [{ openWorld }, { simpleRequest }, { parseObjectHead }] = await Promise.all([
      import("./open-world.ts"),
      import("../transfer/simple-request.ts"),
      import("../transfer/object-head.ts"),
    ]);
    await using opened = openWorld(context);
    const answer = await simpleRequest(
      { name: "HeadObject", key, query: {} },
      { "x-amz-checksum-mode": "ENABLED" },
      opened.world,
    );
    const head = parseObjectHead(answer.headers);
    context.output.result({ json: { operation: "stat", key, ...head }, text: lines(key, head), isData: true });
  },
};
