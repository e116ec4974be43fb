/** `s3r put`: files up. */
import { formatBytes, formatRate, formatSeconds, printable } from "../terminal/format.ts";
import type { Source } from "../transfer/source.ts";
import type { UploadResult } from "../transfer/upload-result.ts";
import { usageError, type CommandContext, type CommandDefinition } from "./command.ts";
import { planPut, STDIN, type PutPlan } from "./put-plan.ts";

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

/** All sources are opened before a byte of any of them moves. */
async function openSources(paths: readonly string[], { stdin, signal }: CommandContext): Promise<Source[]> {
  const [{ openFileSource }, { openStdinSource }, { assertUploadable }] = await Promise.all([
    import("../transfer/source.ts"),
    import("./read-stdin.ts"),
    import("../transfer/upload.ts"),
  ]);
  const opened: Source[] = [];
  try {
    for (const path of paths)
      opened.push(await (path === STDIN ? openStdinSource(stdin, signal) : openFileSource(path)));
    for (const source of opened) assertUploadable(source);
    return opened;
  } catch (error) {
    for (const source of opened) await source[Symbol.asyncDispose]();
    throw error;
  }
}

async function guessContentType(name: string): Promise<string> {
  const { lookup } = await import("mrmime");
  return lookup(name) ?? "application/octet-stream";
}

function report({ output }: CommandContext, path: string, result: UploadResult, milliseconds: number): void {
  const { key, bytes, etag, checksum, attempts } = result;
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
    },
    text: `${printable(path)} → ${printable(key)} (${formatBytes(bytes)} in ${formatSeconds(milliseconds)}, ${formatRate(bytes, milliseconds)})`,
    isData: false,
  });
}

interface OpenedUpload {
  readonly path: string;
  readonly key: string;
  readonly source: Source;
}

async function putAll(uploads: readonly OpenedUpload[], put: PutPlan, context: CommandContext): Promise<void> {
  const [{ openWorld }, { upload }, { runAll }] = await Promise.all([
    import("./open-world.ts"),
    import("../transfer/upload.ts"),
    import("./run-all.ts"),
  ]);
  await using opened = openWorld(context);
  const { contentType, cacheControl, metadata, noClobber } = put;
  await runAll(
    uploads,
    context.output,
    ({ path, key }) => ({ operation: "put", source: path, key }),
    async ({ path, key, source }) => {
      const started = performance.now();
      const type = contentType ?? (await guessContentType(path === STDIN ? key : path));
      const result = await upload(
        { source, key, contentType: type, cacheControl, metadata, noClobber, checksum: "CRC32", partSize: undefined },
        opened.world,
      );
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
    command
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
    const sources = await openSources(
      put.sources.map(({ path }) => path),
      context,
    );
    try {
      const uploads = put.sources.flatMap((each, index) => {
        const source = sources[index];
        return source === undefined ? [] : [{ ...each, source }];
      });
      await putAll(uploads, put, context);
    } finally {
      for (const source of sources) await source[Symbol.asyncDispose]();
    }
  },
};
