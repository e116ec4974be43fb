/** `s3r rm`: objects gone. */
import type { Operation } from "@s3r/shared";
import { printable } from "../terminal/format.ts";
import type { CommandDefinition } from "./command.ts";
import { parseKeyArgument } from "./parse-key.ts";

export const rmCommand: CommandDefinition = {
  usage: "rm <key...>",
  description: "delete objects; one that is not there is no error",
  examples: ["s3r rm builds/app.tgz", "s3r rm builds/a.tgz builds/b.tgz"],
  async run({ args }, context) {
    const keys = args.map(parseKeyArgument);
    const [{ openWorld }, { simpleRequest }, { runAll }] = await Promise.all([
      import("./open-world.ts"),
      import("../transfer/simple-request.ts"),
      import("./run-all.ts"),
    ]);
    await using opened = openWorld(context);
    await runAll(
      keys,
      context.output,
      (key) => ({ operation: "rm", key }),
      async (key) => {
        const operation: Operation = { name: "DeleteObject", key, query: {} };
        await simpleRequest(operation, {}, opened.world);
        context.output.result({ json: { operation: "rm", key }, text: `deleted ${printable(key)}`, isData: false });
      },
    );
  },
};
