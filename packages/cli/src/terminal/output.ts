/** Everything that `s3r` says. Results and data on stdout, all else on stderr; with `--json` one object a line on stdout. */
import type { CliError } from "../cli-error.ts";
import { printable } from "./format.ts";
import type { TextStream } from "./streams.ts";

/** What a command has to say about one thing that it did. */
export interface Result {
  /** As an object of the NDJSON. */
  readonly json: Readonly<Record<string, unknown>>;
  /** For people. */
  readonly text: string;
  /** Whether the text is what was asked for, and goes to stdout; otherwise it is a remark. */
  readonly isData: boolean;
}

export interface OutputOptions {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export interface Output {
  result(result: Result): void;
  /** @param context what the error was about, for the NDJSON. */
  error(error: CliError, context?: Readonly<Record<string, unknown>>): void;
  /** Whether a trace is shown, for those that are work to make. */
  readonly isVerbose: boolean;
  /** Shown under `-v`. */
  trace(line: string): void;
  /** Shown unless `-q` or `--json`. */
  remark(line: string): void;
}

/** Three lines: what, why, what to try. */
function formatError({ message, reason, hint }: CliError): string {
  const lines = [`s3r: error: ${message}`];
  if (reason !== undefined) lines.push(`  because: ${reason}`);
  if (hint !== undefined) lines.push(`  try: ${hint}`);
  return `${lines.map(printable).join("\n")}\n`;
}

function errorJson({ code, message, reason, hint, exitCode }: CliError): Record<string, unknown> {
  return { code, message, reason, hint, exitCode };
}

export function createOutput({ stdout, stderr, json, quiet, verbose }: OutputOptions): Output {
  return {
    result(result) {
      if (json) stdout.write(`${JSON.stringify({ ok: true, ...result.json })}\n`);
      else if (result.isData) stdout.write(`${result.text}\n`);
      else if (!quiet) stderr.write(`${result.text}\n`);
    },
    error(error, context = {}) {
      if (json) stdout.write(`${JSON.stringify({ ok: false, ...context, error: errorJson(error) })}\n`);
      else stderr.write(formatError(error));
    },
    isVerbose: verbose,
    trace(line) {
      if (verbose) stderr.write(`s3r: ${printable(line)}\n`);
    },
    remark(line) {
      if (!quiet && !json) stderr.write(`${printable(line)}\n`);
    },
  };
}
