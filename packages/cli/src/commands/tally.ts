/** Keeps count of many: tells each failure where it happens, the rest in one summary, and what it all means for the exit code. */
import { CliError } from "../cli-error.ts";
import { formatBytes, formatRate, formatSeconds } from "../terminal/format.ts";
import type { Output } from "../terminal/output.ts";
import type { CommandContext } from "./command.ts";
import type { EmptyPolicy } from "./many-options.ts";
import { ReportedError } from "./reported-error.ts";

export interface TallyOptions {
  readonly operation: "put" | "get" | "rm" | "sync";
  /** A line for each that is done, and no summary unless some have failed; otherwise lines only with -v. */
  readonly isEachTold: boolean;
  readonly isDryRun: boolean;
  readonly ifNoFiles: EmptyPolicy;
  /** What it means that nothing was found. */
  readonly nothing: string;
}

export interface Done {
  readonly json: Readonly<Record<string, unknown>>;
  /** Called only where it is shown. */
  readonly text: () => string;
  readonly bytes: number;
}

export interface Tally {
  done(result: Done): void;
  /** @param context what the error is about, for the NDJSON. */
  failed(error: CliError, context: Readonly<Record<string, unknown>>): void;
  /** Nothing is lost by it, but somebody may wonder. */
  skipped(what: string, reason: string): void;
  /** It is there, and nothing had to be done. */
  unchanged(): void;
  /** It is gone, since there is nothing of its name on the other side. */
  deleted(result: Omit<Done, "bytes">): void;
  /** @throws CliError NothingMatched when nothing was found, unless that is allowed. */
  requireSome(): void;
  readonly failures: number;
  /**
   * Runs what is counted, and sums it up, however it ends.
   * @throws what `run` throws; ReportedError of the first failure.
   */
  run(run: () => Promise<void>): Promise<void>;
}

interface Counts {
  done: number;
  failed: number;
  skipped: number;
  unchanged: number;
  deleted: number;
  bytes: number;
}

interface Counted {
  readonly options: TallyOptions;
  readonly counts: Counts;
  readonly output: Output;
  /** Milliseconds. */
  readonly started: number;
  /** The first failure decides the exit code. */
  first: CliError | undefined;
}

const VERBS = { put: "put", get: "got", rm: "deleted", sync: "synced" } as const;

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function describe(counts: Counts, { operation, isDryRun }: TallyOptions, milliseconds: number): string {
  const { done, failed, skipped, unchanged, deleted, bytes } = counts;
  const noun = operation === "rm" ? "object" : "file";
  const amount = operation === "rm" ? "" : `, ${formatBytes(bytes)}`;
  const rate = operation === "rm" || bytes === 0 ? "" : `, ${formatRate(bytes, milliseconds)}`;
  const took = isDryRun ? "" : ` in ${formatSeconds(milliseconds)}${rate}`;
  const rest = [
    unchanged > 0 ? `${unchanged} unchanged` : "",
    deleted > 0 ? `${deleted} ${isDryRun ? "would be " : ""}deleted` : "",
    skipped > 0 ? `${skipped} skipped` : "",
    failed > 0 ? `${failed} failed` : "",
  ].filter((part) => part !== "");
  const verb = isDryRun ? `would be ${operation === "get" ? "got" : VERBS[operation]}` : VERBS[operation];
  const what = isDryRun ? `${plural(done, noun)} ${verb}` : `${verb} ${plural(done, noun)}`;
  return [`${what}${amount}${took}`, ...rest].join("; ");
}

function nothingMatched({ nothing }: TallyOptions): CliError {
  return new CliError("NothingMatched", nothing, {
    hint: "look at the path and the patterns; --if-no-files-found ignore makes it no error",
  });
}

function summarize(tally: Counted, isWhole: boolean): void {
  const { options, counts, started, output } = tally;
  const milliseconds = performance.now() - started;
  const { done: files, failed, ...others } = counts;
  if (options.isEachTold) {
    if (failed > 0 && files + failed > 1) output.remark(`${files} of ${files + failed} done, ${failed} failed`);
    return;
  }
  const { operation: command, isDryRun } = options;
  const ok = isWhole && failed === 0;
  const extra = { ...(isDryRun ? { dryRun: true } : {}), ...(isWhole ? {} : { cutShort: true }) };
  const sums = { files, failed, ...others, seconds: milliseconds / 1000 };
  const text = `${describe(counts, options, milliseconds)}${isWhole ? "" : `; cut short${command === "rm" ? "" : ", and s3r sync does the rest"}`}`;
  output.result({ json: { ok, operation: "summary", command, ...extra, ...sums }, text, isData: false });
}

function requireSome({ options, counts: { done, failed, unchanged }, output }: Counted): void {
  if (done + failed + unchanged > 0 || options.ifNoFiles === "ignore") return;
  const error = nothingMatched(options);
  if (options.ifNoFiles === "error") throw error;
  output.remark(`s3r: warning: ${error.message}`);
}

async function runCounted(tally: Counted, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    // There is nothing to sum up then.
    if (!(error instanceof CliError) || error.code !== "NothingMatched") summarize(tally, false);
    throw error;
  }
  summarize(tally, true);
  if (tally.first !== undefined) throw new ReportedError(tally.first);
}

function tell({ options, output }: Counted, { json, text }: Omit<Done, "bytes">, isJson: boolean): void {
  if (options.isDryRun) output.result({ json: { ...json, dryRun: true }, text: text(), isData: true });
  else if (isJson || options.isEachTold) output.result({ json, text: text(), isData: false });
  else if (output.isVerbose) output.trace(text());
}

export function createTally(options: TallyOptions, { output, json }: CommandContext): Tally {
  const counts: Counts = { done: 0, failed: 0, skipped: 0, unchanged: 0, deleted: 0, bytes: 0 };
  const tally: Counted = { options, counts, output, started: performance.now(), first: undefined };
  return {
    done(result) {
      counts.done += 1;
      counts.bytes += result.bytes;
      tell(tally, result, json);
    },
    failed(error, about) {
      counts.failed += 1;
      tally.first ??= error;
      output.error(error, about);
    },
    skipped(what, reason) {
      counts.skipped += 1;
      output.remark(`skipped ${what}: ${reason}`);
    },
    unchanged() {
      counts.unchanged += 1;
    },
    deleted(result) {
      counts.deleted += 1;
      tell(tally, result, json);
    },
    requireSome: () => requireSome(tally),
    get failures() {
      return counts.failed;
    },
    run: (run) => runCounted(tally, run),
  };
}
