/** The options of everything that is about many files. */
import { Option, type Command } from "commander";
import type { FilterRule } from "../files/path-filter.ts";
import { isSet, usageError, type CommandInput } from "./command.ts";
import { parsePrefixArgument } from "./parse-key.ts";

export type EmptyPolicy = "error" | "warn" | "ignore";

export interface ManyOptions {
  readonly isRecursive: boolean;
  /** As they stood on the command line: the last one that matches counts. */
  readonly rules: readonly FilterRule[];
  readonly isDryRun: boolean;
  /** What it means that nothing was found. */
  readonly ifNoFiles: EmptyPolicy;
  readonly followsLinks: boolean;
}

export function configureFilters(command: Command): Command {
  // One list for both options: their order matters.
  const rules: FilterRule[] = [];
  const collect =
    (takes: boolean) =>
    (pattern: string): readonly FilterRule[] => {
      rules.push({ takes, pattern });
      return rules;
    };
  return command
    .option("--include <glob>", "take what matches; may be repeated", collect(true))
    .option("--exclude <glob>", "leave out what matches; of several that match, the last counts", collect(false))
    .option("--dry-run", "say what would be done, and do nothing")
    .addOption(
      new Option("--if-no-files-found <what>", "error (exit 9), warn or ignore")
        .choices(["error", "warn", "ignore"])
        .default("error"),
    );
}

export function configureLinks(command: Command): Command {
  return command.option("--no-follow-symlinks", "skip symbolic links; otherwise they are what they lead to");
}

function isRule(value: unknown): value is FilterRule {
  return typeof value === "object" && value !== null && "takes" in value && "pattern" in value;
}

function readRules({ include, exclude }: CommandInput["options"]): readonly FilterRule[] {
  const rules = include ?? exclude;
  return Array.isArray(rules) ? rules.filter(isRule) : [];
}

function readEmptyPolicy(value: unknown): EmptyPolicy {
  return value === "warn" || value === "ignore" ? value : "error";
}

export function parseManyOptions(options: CommandInput["options"]): ManyOptions {
  return {
    isRecursive: isSet(options, "recursive"),
    rules: readRules(options),
    isDryRun: isSet(options, "dryRun"),
    ifNoFiles: readEmptyPolicy(options["ifNoFilesFound"]),
    followsLinks: options["followSymlinks"] !== false,
  };
}

/** Whether one object, taken by its name, is not all that is asked for. */
export function asksForMany({ recursive, include, exclude, dryRun }: CommandInput["options"]): boolean {
  return recursive === true || include !== undefined || exclude !== undefined || dryRun === true;
}

/**
 * The prefix of many keys: with a `/` at its end, since `team` would be the beginning of `team-b/` too; `/` alone is all there is.
 * @throws CliError Usage
 */
export function parseFolderArgument(argument: string, command: string): string {
  if (argument === "/") return "";
  if (argument.endsWith("/")) return parsePrefixArgument(argument);
  throw usageError(
    argument === "" ? "the prefix is empty" : `${argument} is no prefix of many keys`,
    "that ends in /; / alone is all there is",
    `${command} ${argument}/`,
  );
}
