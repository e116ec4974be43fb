/** What a verb is made of, and what it works with. */
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import type { CliConfig } from "../config.ts";
import type { Output } from "../terminal/output.ts";
import type { InputStream, OutputStream } from "../terminal/streams.ts";
import type { Progress } from "../transfer/progress.ts";

export interface CommandContext {
  readonly config: CliConfig;
  readonly output: Output;
  readonly progress: Progress;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

export interface CommandInput {
  readonly args: readonly string[];
  /** As commander gives them, by their camel-case names. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface CommandDefinition {
  /** The word before the verb, for those that have one. */
  readonly group?: { readonly name: string; readonly description: string };
  /** The verb and its arguments, as commander reads them. */
  readonly usage: string;
  readonly description: string;
  /** Command lines that can be pasted. */
  readonly examples: readonly string[];
  readonly configure?: (command: Command) => void;
  /** @throws CliError */
  readonly run: (input: CommandInput, context: CommandContext) => Promise<void>;
}

export function stringOption(options: CommandInput["options"], name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

export function stringListOption(options: CommandInput["options"], name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

export function isSet(options: CommandInput["options"], name: string): boolean {
  return options[name] === true;
}

export function usageError(message: string, reason: string, hint: string): CliError {
  return new CliError("Usage", message, { reason, hint });
}
