/** A program of the CI system that prints a token. */
import { CliError } from "../cli-error.ts";
import type { SourceWorld } from "./token-source.ts";

export interface TokenCommand {
  /** For the error, such as "Buildkite". */
  readonly name: string;
  readonly path: string;
  /** Without secrets: every user of the machine can read them. */
  readonly args: readonly string[];
}

/** buildkite-agent itself tries five times, 30 s in all. */
const TIMEOUT_MILLISECONDS = 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
const MAX_EXCERPT_CHARACTERS = 200;

/** The last line that it wrote on stderr, without anything that is long enough to be a token. */
function excerpt(stderr: string): string {
  const line = stderr.trim().split("\n").at(-1) ?? "";
  return line
    .replaceAll(/[\w.~+/=-]{24,}/gu, "…")
    .slice(0, MAX_EXCERPT_CHARACTERS)
    .trim();
}

/** The error of Node's has the command's stdout in it: it is not passed on. */
function failed({ name, path }: TokenCommand, why: string, stderr: string): CliError {
  const said = excerpt(stderr);
  return new CliError("Unauthenticated", `${name} gave no token`, {
    reason: `${path} ${why}${said === "" ? "" : `: ${said}`}`,
    hint: "look at the job's settings, or give a token in S3R_TOKEN_FILE or S3R_TOKEN",
  });
}

/** @returns what it prints on stdout. @throws CliError Unauthenticated */
export async function runTokenCommand(
  command: TokenCommand,
  { env, signal }: Pick<SourceWorld, "env" | "signal">,
): Promise<string> {
  // Only jobs of two CI systems need it.
  const { execFile } = await import("node:child_process");
  const options = { env: { ...env }, timeout: TIMEOUT_MILLISECONDS, maxBuffer: MAX_OUTPUT_BYTES, signal };
  return await new Promise((resolve, reject) => {
    const child = execFile(command.path, [...command.args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal.aborted) reject(signal.reason);
      else if (error.killed === true) reject(failed(command, "was stopped: it took too long or said too much", stderr));
      else reject(failed(command, `failed (${String(error.code)})`, stderr));
    });
    child.stdin?.end();
  });
}
