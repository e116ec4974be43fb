/** Which progress suits the stream: a spinner, plain lines, or none. */
import { noProgress, type Progress } from "../transfer/progress.ts";
import { createLineProgress } from "./line-progress.ts";
import type { OutputStream } from "./streams.ts";

export interface ProgressChoice {
  /** `--quiet`, `--json` or `--no-progress`. */
  readonly silent: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stream: OutputStream;
  /** Milliseconds. */
  readonly now: () => number;
}

/** On a terminal without columns ora writes megabytes of escapes, and `CI` and dumb terminals cannot go back a line. */
export function canAnimate({ env, stream }: Pick<ProgressChoice, "env" | "stream">): boolean {
  return stream.isTTY === true && (stream.columns ?? 0) > 0 && (env["CI"] ?? "") === "" && env["TERM"] !== "dumb";
}

export async function createProgress(choice: ProgressChoice): Promise<Progress> {
  if (choice.silent) return noProgress;
  if (!canAnimate(choice)) return createLineProgress(choice.stream, choice.now);
  const { createSpinnerProgress } = await import("./spinner-progress.ts");
  return createSpinnerProgress(choice.stream, choice.now, (choice.env["NO_COLOR"] ?? "") === "");
}
