/** `s3r url`: the presigned URL itself, for other tools. The one place where it is printed. */
import type { Operation, OperationName } from "@s3r/shared";
import { stringOption, usageError, type CommandDefinition } from "./command.ts";
import { parseKeyArgument } from "./parse-key.ts";

const OPERATION_NAMES: Readonly<Record<string, OperationName>> = {
  get: "GetObject",
  put: "PutObject",
  rm: "DeleteObject",
};

function parseOperation(verb: string, key: string): Operation {
  const name = Object.hasOwn(OPERATION_NAMES, verb) ? OPERATION_NAMES[verb] : undefined;
  if (name === undefined)
    throw usageError(`there is no URL for ${JSON.stringify(verb)}`, "it must be get, put or rm", `s3r url get ${key}`);
  return { name, key, query: {} };
}

function announced(verb: string, options: Readonly<Record<string, unknown>>): Record<string, string> {
  const size = stringOption(options, "size");
  const contentType = stringOption(options, "contentType");
  if (verb !== "put" && (size !== undefined || contentType !== undefined)) {
    throw usageError("--size and --content-type are for put", `${verb} sends no body`, "leave them out");
  }
  if (size !== undefined && !/^\d{1,15}$/u.test(size))
    throw usageError("--size must be a number of bytes", `it is ${JSON.stringify(size)}`, "--size 1048576");
  return {
    ...(size === undefined ? {} : { "content-length": size }),
    ...(contentType === undefined ? {} : { "content-type": contentType }),
  };
}

export const urlCommand: CommandDefinition = {
  usage: "url <verb> <key>",
  description: "print the presigned URL for get, put or rm: a secret for as long as it lives",
  examples: [
    'curl -fsS -o app.tgz "$(s3r url get builds/app.tgz)"',
    'curl -fsS -T app.tgz "$(s3r url put builds/app.tgz)"',
  ],
  configure(command) {
    command
      .option("--size <bytes>", "put: the body must have exactly this size")
      .option("--content-type <type>", "put: the header that must be sent with it");
  },
  async run({ args: [verb = "", argument = ""], options }, context) {
    const operation = parseOperation(verb, parseKeyArgument(argument));
    const headers = announced(verb, options);
    const [{ openWorld }, { withRetries }] = await Promise.all([
      import("./open-world.ts"),
      import("../transfer/with-retries.ts"),
    ]);
    await using opened = openWorld(context);
    const { method, url, expiresIn } = await withRetries(opened.world.retry, () => opened.resolve(operation, headers));
    context.output.result({
      json: { operation: "url", method, url: url.href, headers, expiresIn },
      text: url.href,
      isData: true,
    });
  },
};
