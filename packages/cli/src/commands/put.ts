/** `s3r put`: files up. */
import { statSync } from "node:fs";
import { usageError, type CommandContext, type CommandDefinition } from "./command.ts";
import { configureFilters, configureLinks } from "./many-options.ts";
import { configureSettings, keyFor, planPut, STDIN, type PutPlan } from "./put-plan.ts";
import type { UploadInput } from "./read-stdin.ts";

async function openInput(path: string, { stdin, signal }: CommandContext): Promise<UploadInput> {
  if (path === STDIN) return await (await import("./read-stdin.ts")).openStdin(stdin, signal);
  const [{ openFileSource }, { assertUploadable }] = await Promise.all([
    import("../transfer/source.ts"),
    import("../transfer/upload.ts"),
  ]);
  const source = await openFileSource(path);
  assertUploadable(source);
  return { kind: "source", source };
}

async function putInput(path: string, input: UploadInput, put: PutPlan, context: CommandContext): Promise<void> {
  const [{ openWorld }, { upload }, { uploadStream }, { contentTypeOf }, { reportPut }] = await Promise.all([
    import("./open-world.ts"),
    import("../transfer/upload.ts"),
    import("../transfer/stream-upload.ts"),
    import("./content-type.ts"),
    import("./put-report.ts"),
  ]);
  await using opened = openWorld(context);
  const started = performance.now();
  const key = keyFor(path, put.destination);
  const contentType = put.contentType ?? contentTypeOf(path === STDIN ? key : path);
  const request = { ...put.settings, key, contentType };
  const result = await (input.kind === "source"
    ? upload({ ...request, source: input.source }, opened.world)
    : uploadStream({ ...request, name: "stdin", chunks: input.chunks }, opened.world));
  const { json, text } = reportPut(path, result, performance.now() - started);
  context.output.result({ json, text: text(), isData: false });
}

async function putOne(path: string, put: PutPlan, context: CommandContext): Promise<void> {
  keyFor(path, put.destination);
  const input = await openInput(path, context);
  try {
    await putInput(path, input, put, context);
  } finally {
    if (input.kind === "source") await input.source[Symbol.asyncDispose]();
  }
}

/** Both would read the same bytes, and each a part of them. */
function assertOneReader({ paths }: PutPlan, { config }: CommandContext): void {
  if (config.tokenFile !== STDIN || !paths.includes(STDIN)) return;
  throw usageError(
    "stdin cannot hold both a token and what is put",
    "--token-file - and put - both read it",
    "keep the token in a file, or in S3R_TOKEN",
  );
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    // Why it cannot be looked at is said where it is put.
    return false;
  }
}

/** The one thing that is put, when nothing about it needs what many files need. */
function onlyInput({ paths, many }: PutPlan): string | undefined {
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0 || many.isDryRun || many.rules.length > 0) return undefined;
  return path === STDIN || isFile(path) ? path : undefined;
}

export const putCommand: CommandDefinition = {
  usage: "put <src...>",
  description: "put files, directories (-r), or stdin (-)",
  examples: [
    "s3r put app.tgz                      the key is app.tgz",
    "s3r put app.tgz builds/              the key is builds/app.tgz",
    "s3r put a.txt b.txt docs/            several files",
    "s3r put -r dist site/                all below dist, as site/…",
    "s3r put 'dist/**/*.js' assets/       what matches, as assets/…",
    "s3r put -r --exclude node_modules . backup/",
    "tar cz src | s3r put - builds/src.tgz",
    "s3r put --no-clobber --metadata commit=4f2a91c app.tgz releases/1.2.3.tgz",
  ],
  configure(command) {
    configureLinks(configureFilters(configureSettings(command)))
      // commander wants a list to come last; the destination is what it holds last.
      .usage("[options] <src...> [dst]")
      .option("-r, --recursive", "directories too, with all that is below them")
      .option("--no-clobber", "fail instead of replacing an object");
  },
  async run(input, context) {
    const put = planPut(input);
    assertOneReader(put, context);
    const only = onlyInput(put);
    if (only === undefined) await (await import("./put-many.ts")).putMany(put, context);
    else await putOne(only, put, context);
  },
};
