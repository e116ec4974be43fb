/** The command line: argv → a command → an exit code. Errors are printed here and nowhere else. */
import { Command, CommanderError } from "commander";
import { CliError, EXIT_CODES } from "./cli-error.ts";
import { authStatusCommand } from "./commands/auth-status.ts";
import type { CommandContext, CommandDefinition } from "./commands/command.ts";
import { getCommand } from "./commands/get.ts";
import { loginCommand } from "./commands/login.ts";
import { logoutCommand } from "./commands/logout.ts";
import { lsCommand } from "./commands/ls.ts";
import { putCommand } from "./commands/put.ts";
import { rmCommand } from "./commands/rm.ts";
import { statCommand } from "./commands/stat.ts";
import { syncCommand } from "./commands/sync.ts";
import { uploadsAbortCommand } from "./commands/uploads-abort.ts";
import { uploadsCommand } from "./commands/uploads.ts";
import { urlCommand } from "./commands/url.ts";
import { loadConfig } from "./config.ts";
import { createProgress } from "./terminal/create-progress.ts";
import { createOutput, type Output } from "./terminal/output.ts";
import type { InputStream, OutputStream } from "./terminal/streams.ts";

export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Its reason is a CliError, Interrupted or Terminated. */
  readonly signal: AbortSignal;
  readonly version: string;
}

const COMMANDS: readonly CommandDefinition[] = [
  putCommand,
  getCommand,
  rmCommand,
  syncCommand,
  lsCommand,
  statCommand,
  urlCommand,
  uploadsCommand,
  uploadsAbortCommand,
  loginCommand,
  logoutCommand,
  authStatusCommand,
];

const EXIT_CODES_HELP = `
Exit codes: 0 ok, 1 a transfer failed, 2 usage, 3 not found, 4 not authenticated, 5 forbidden, 6 exists or precondition failed,
7 network or server failed (try again later), 8 integrity mismatch, 9 nothing matched, 10 local I/O, 11 unsafe server, 130/143 signals.`;

/** What stands before and behind every verb. */
interface GlobalOptions {
  readonly endpoint?: string;
  readonly tokenFile?: string;
  readonly audience?: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly progress: boolean;
  readonly retries?: string;
  readonly stallTimeout?: string;
  readonly concurrency?: string;
  readonly connectTimeout?: string;
}

function createProgram(world: World): Command {
  return (
    new Command("s3r")
      // Before any subcommand: they copy these settings when they are made.
      .exitOverride()
      .configureOutput({
        writeOut: (text) => void world.stdout.write(text),
        writeErr: (text) => void world.stderr.write(text),
        // They come back as exceptions, and are shown like all others.
        outputError: () => {},
      })
      .configureHelp({ showGlobalOptions: true })
      .description("Files in and out of private object storage with nothing but HTTP redirects.")
      .version(world.version, "-V, --version")
      .option("--endpoint <url>", "the s3r API (S3R_ENDPOINT)")
      .option("--token-file <file>", "a file with a token, or - for stdin (S3R_TOKEN_FILE; S3R_TOKEN is one itself)")
      .option("--audience <audience>", "whom tokens are asked for, if not the API's own origin (S3R_AUDIENCE)")
      .option("--json", "one JSON object a finished file on stdout, errors too", false)
      .option("-q, --quiet", "nothing but errors and data", false)
      .option("-v, --verbose", "say what happens", false)
      .option("--no-progress", "no progress")
      .option("--retries <number>", "attempts after the first (default: 5)")
      .option("--stall-timeout <duration>", "how long no byte may move (default: 30s)")
      .option("--connect-timeout <duration>", "how long a connection may take (default: 10s)")
      .option("--concurrency <number>", "files and parts at once (default: as many as help, up to 32)")
      .addHelpText("after", EXIT_CODES_HELP)
  );
}

async function openContext(options: GlobalOptions, world: World, output: Output): Promise<CommandContext> {
  const { env, stdin, stdout, stderr, signal } = world;
  const config = await loadConfig(options, world);
  const silent = options.quiet || options.json || !options.progress;
  const progress = await createProgress({ silent, env, stream: stderr, now: () => performance.now() });
  return { config, output, progress, json: options.json, signal, env, stdin, stdout, stderr };
}

/** The command that a definition's verb stands behind: `auth` of `auth status`, or `s3r` itself. */
function parentOf(program: Command, { group }: CommandDefinition): Command {
  if (group === undefined) return program;
  const known = program.commands.find((command) => command.name() === group.name);
  return known ?? program.command(group.name).description(group.description);
}

function register(program: Command, definition: CommandDefinition, perform: (command: Command) => Promise<void>): void {
  const command = parentOf(program, definition).command(definition.usage).description(definition.description);
  definition.configure?.(command);
  command.addHelpText("after", `\nExamples:\n${definition.examples.map((example) => `  ${example}`).join("\n")}`);
  command.action(async () => await perform(command));
}

/** For errors of the command line itself, which come before its options are known. */
function earlyOutput(argv: readonly string[], { stdout, stderr }: World): Output {
  return createOutput({ stdout, stderr, json: argv.includes("--json"), quiet: false, verbose: false });
}

const NO_TOKEN_FLAG =
  "other users of the machine can read arguments: use --token-file, S3R_TOKEN_FILE, S3R_TOKEN or s3r login";

/** commander shows help by throwing; what else it throws is about the command line. */
function fromCommander({ code, exitCode, message }: CommanderError): CliError | undefined {
  if (exitCode === 0 || code === "commander.help") return undefined;
  // The value of an option that there is none of may be a secret.
  const [what = "", ...rest] = message
    .replace(/^error: /u, "")
    .replace(/(--[\w-]+)=.*/u, "$1=…'")
    .split("\n");
  const suggestion = /^unknown option '--token\b/u.test(what)
    ? NO_TOKEN_FLAG
    : rest.join(" ").replaceAll(/[()]/gu, "").trim();
  return new CliError("Usage", "the command line cannot be understood", {
    reason: what,
    hint: suggestion === "" ? "s3r --help, or s3r <command> --help" : suggestion,
  });
}

function toCliError(error: unknown): CliError | undefined {
  if (error instanceof CommanderError) return fromCommander(error);
  return error instanceof CliError ? error : unexpected(error);
}

function toExitCode(error: unknown, output: Output): number {
  // Its parts have been shown where they happened.
  if (error instanceof Error && error.name === "ReportedError" && error.cause instanceof CliError)
    return error.cause.exitCode;
  const known = toCliError(error);
  if (known === undefined) return error instanceof CommanderError && error.exitCode === 0 ? 0 : EXIT_CODES.Usage;
  output.error(known);
  if (known.cause === error && error instanceof Error) output.trace(error.stack ?? error.message);
  return known.exitCode;
}

function unexpected(error: unknown): CliError {
  return new CliError("TransferFailed", "s3r failed in a way that it does not know", {
    reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    hint: "run it again with -v and report what it says",
    cause: error,
  });
}

/** @param argv without the program and its script. @returns the exit code. */
export async function run(argv: readonly string[], world: World): Promise<number> {
  let output = earlyOutput(argv, world);
  const program = createProgram(world);
  for (const definition of COMMANDS) {
    register(program, definition, async (command) => {
      const options = program.opts<GlobalOptions>();
      output = createOutput({ ...world, ...options });
      const context = await openContext(options, world, output);
      await definition.run({ args: command.args, options: command.opts() }, context);
    });
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
    return 0;
  } catch (error) {
    return toExitCode(error, output);
  }
}
