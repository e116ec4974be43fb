/** `s3r put`: files up. */
import { formatBytes, formatRate, formatSeconds, printable } from "../terminal/format.ts";
import type { UploadResult } from "../transfer/upload-result.ts";
import { usageError, type CommandContext, type CommandDefinition } from "./command.ts";
import type { UploadInput } from "./read-stdin.ts";
import { configureUpload } from "./upload-options.ts";
import { planPut, STDIN, type PutPlan } from "./put-plan.ts";

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

/** All files are opened before a byte of any of them moves. */
async function openInputs(paths: readonly string[], { stdin, signal }: CommandContext): Promise<UploadInput[]> {
  const [{ openFileSource }, { openStdin }, { assertUploadable }] = await Promise.all([
    import("../transfer/source.ts"),
    import("./read-stdin.ts"),
    import("../transfer/upload.ts"),
  ]);
  const opened: UploadInput[] = [];
  try {
    for (const path of paths) {
      const input: UploadInput =
        path === STDIN ? await openStdin(stdin, signal) : { kind: "source", source: await openFileSource(path) };
      opened.push(input);
      if (input.kind === "source") assertUploadable(input.source);
    }
    return opened;
  } catch (error) {
    await closeInputs(opened);
    throw error;
  }
}

async function closeInputs(inputs: readonly UploadInput[]): Promise<void> {
  for (const input of inputs) if (input.kind === "source") await input.source[Symbol.asyncDispose]();
}

async function guessContentType(name: string): Promise<string> {
  const { lookup } = await import("mrmime");
  return lookup(name) ?? "application/octet-stream";
}

function report({ output }: CommandContext, path: string, result: UploadResult, milliseconds: number): void {
  const { key, bytes, etag, checksum, attempts, parts, reused } = result;
  output.result({
    json: {
      operation: "put",
      source: path,
      key,
      bytes,
      etag,
      checksum,
      seconds: milliseconds / 1000,
      attempts,
      parts,
      ...(reused === 0 ? {} : { reused }),
    },
    text: `${printable(path)} → ${printable(key)} (${formatBytes(bytes)} in ${formatSeconds(milliseconds)}, ${formatRate(bytes, milliseconds)})`,
    isData: false,
  });
}

interface OpenedUpload {
  readonly path: string;
  readonly key: string;
  readonly input: UploadInput;
}

async function putAll(uploads: readonly OpenedUpload[], put: PutPlan, context: CommandContext): Promise<void> {
  const [{ openWorld }, { upload }, { uploadStream }, { runAll }] = await Promise.all([
    import("./open-world.ts"),
    import("../transfer/upload.ts"),
    import("../transfer/stream-upload.ts"),
    import("./run-all.ts"),
  ]);
  await using opened = openWorld(context);
  const { contentType, cacheControl, metadata, noClobber, tuning } = put;
  await runAll(
    uploads,
    context.output,
    ({ path, key }) => ({ operation: "put", source: path, key }),
    async ({ path, key, input }) => {
      const started = performance.now();
      const type = contentType ?? (await guessContentType(path === STDIN ? key : path));
      const request = { key, contentType: type, cacheControl, metadata, noClobber, ...tuning };
      const result = await (input.kind === "source"
        ? upload({ ...request, source: input.source }, opened.world)
        : uploadStream({ ...request, name: "stdin", chunks: input.chunks }, opened.world));
      report(context, path, result, performance.now() - started);
    },
  );
}

/** Both would read the same bytes, and each a part of them. */
function assertOneReader({ sources }: PutPlan, { config }: CommandContext): void {
  if (config.tokenFile !== STDIN || sources.every(({ path }) => path !== STDIN)) return;
  throw usageError(
    "stdin cannot hold both a token and what is put",
    "--token-file - and put - both read it",
    "keep the token in a file, or in S3R_TOKEN",
  );
}

export const putCommand: CommandDefinition = {
  usage: "put <src...>",
  description: "put files, or stdin (-)",
  examples: [
    "s3r put app.tgz                      the key is app.tgz",
    "s3r put app.tgz builds/              the key is builds/app.tgz",
    "s3r put a.txt b.txt docs/            several files",
    "tar cz src | s3r put - builds/src.tgz",
    "s3r put --no-clobber --metadata commit=4f2a91c app.tgz releases/1.2.3.tgz",
  ],
  configure(command) {
    configureUpload(command)
      // commander wants a list to come last; the destination is what it holds last.
      .usage("[options] <src...> [dst]")
      .option("--no-clobber", "fail instead of replacing an object")
      .option("--content-type <type>", "guessed from the name otherwise")
      .option("--cache-control <value>", "kept with the object")
      .option("--metadata <name=value>", "kept with the object; may be repeated", collect, []);
  },
  async run(input, context) {
    const put = planPut(input);
    assertOneReader(put, context);
    const inputs = await openInputs(
      put.sources.map(({ path }) => path),
      context,
    );
    try {
      const uploads = put.sources.flatMap((each, index) => {
        const opened = inputs[index];
        return opened === undefined ? [] : [{ ...each, input: opened }];
      });
      await putAll(uploads, put, context);
    } finally {
      await closeInputs(inputs);
    }
  },
};
