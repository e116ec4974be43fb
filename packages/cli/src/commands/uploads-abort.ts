/** `s3r uploads abort`: gives back what the store keeps of uploads that will not be completed. */
import { CliError } from "../cli-error.ts";
import { stateDirectory } from "../state/state-directory.ts";
import { printable } from "../terminal/format.ts";
import type { RememberedUpload } from "../transfer/upload-journal.ts";
import { isSet, usageError, type CommandContext, type CommandDefinition, type CommandInput } from "./command.ts";
import { parseKeyArgument } from "./parse-key.ts";

function select(uploads: readonly RememberedUpload[], { args, options }: CommandInput): readonly RememberedUpload[] {
  const keys = args.map(parseKeyArgument);
  const all = isSet(options, "all");
  if (all === keys.length > 0)
    throw usageError("which uploads?", "keys or --all are to be given, and not both", "s3r uploads abort --all");
  const unknown = keys.find((key) => !uploads.some(({ record }) => record.key === key));
  if (unknown !== undefined) {
    throw new CliError("NothingMatched", `no upload of ${printable(unknown)} is unfinished`, {
      reason: "this machine remembers none to this API",
      hint: "s3r uploads lists them",
    });
  }
  return all ? uploads : uploads.filter(({ record }) => keys.includes(record.key));
}

async function abort(upload: RememberedUpload, context: CommandContext): Promise<void> {
  const [{ openWorld }, { abortUpload }] = await Promise.all([
    import("./open-world.ts"),
    import("../transfer/abort-upload.ts"),
  ]);
  const { key } = upload.record;
  using journal = upload.open();
  if (journal === undefined) {
    throw new CliError("PreconditionFailed", `the upload of ${printable(key)} is running`, {
      reason: "another process is at it",
      hint: "end that one first",
    });
  }
  await using opened = openWorld(context);
  await abortUpload(upload.record, opened.world);
  journal.remove();
  context.output.result({
    json: { operation: "uploads abort", key },
    text: `aborted the upload of ${printable(key)}`,
    isData: false,
  });
}

export const uploadsAbortCommand: CommandDefinition = {
  group: { name: "uploads", description: "uploads in parts" },
  usage: "abort [key...]",
  description: "give back what the store keeps of unfinished uploads",
  examples: ["s3r uploads abort builds/app.tgz", "s3r uploads abort --all"],
  configure(command) {
    command.option("--all", "all that this machine remembers of this API");
  },
  async run(input, context) {
    const [{ listRememberedUploads }, { runAll }] = await Promise.all([
      import("../transfer/upload-journal.ts"),
      import("./run-all.ts"),
    ]);
    const uploads = select(listRememberedUploads(stateDirectory(context.env), context.config.endpoint), input);
    await runAll(
      uploads,
      context.output,
      ({ record: { key } }) => ({ operation: "uploads abort", key }),
      (upload) => abort(upload, context),
    );
  },
};
