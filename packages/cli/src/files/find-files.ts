/** From what a command line names, files, directories and patterns, to files and the part of their keys that comes from their paths. */
import { basename, sep } from "node:path";
import { CliError } from "../cli-error.ts";
import { compileGlob, isGlob, splitGlob } from "./glob.ts";
import type { PathFilter } from "./path-filter.ts";
import { statIfThere, walkDirectory, type Walked } from "./walk-directory.ts";

export interface Source {
  readonly kind: "file" | "directory" | "pattern";
  readonly path: string;
}

export interface FindOptions {
  readonly filter: PathFilter;
  readonly followsLinks: boolean;
}

function directoryWithoutRecursive(path: string): CliError {
  return new CliError("Usage", `${path} is a directory`, {
    reason: "without -r only files are put",
    hint: `s3r put -r ${path} PREFIX/`,
  });
}

function notRegular(path: string): CliError {
  return new CliError("Usage", `${path} is no regular file`, {
    reason: "its size is unknown",
    hint: `pipe it: s3r put - KEY < ${path}`,
  });
}

function missing(path: string): CliError {
  return new CliError("NotFound", `cannot read ${path}`, {
    reason: "no such file or directory",
    hint: "check the path",
  });
}

/**
 * What is there is taken by its name, whatever characters that has; what is not may be a pattern, which a shell did not expand.
 * @throws CliError Usage, NotFound or LocalIo
 */
export function classifySource(path: string, isRecursive: boolean): Source {
  const stats = statIfThere(path);
  if (stats === undefined) {
    if (isGlob(path)) return { kind: "pattern", path };
    throw missing(path);
  }
  if (stats.isDirectory()) {
    if (!isRecursive) throw directoryWithoutRecursive(path);
    return { kind: "directory", path };
  }
  // Of a link it is known by now that it leads nowhere.
  if (stats.isSymbolicLink()) throw missing(path);
  if (!stats.isFile()) throw notRegular(path);
  return { kind: "file", path };
}

/** What our own downloads are called until they are whole. */
function isUnfinishedDownload(relative: string): boolean {
  return /(?:^|\/)\.s3r-[\w-]+\.part$/u.test(relative);
}

function* filtered(walked: Iterable<Walked>, accepts: (relative: string) => boolean): Generator<Walked> {
  for (const each of walked) {
    if (each.kind !== "file" || (accepts(each.relative) && !isUnfinishedDownload(each.relative))) yield each;
  }
}

export function findInDirectory(directory: string, { filter, followsLinks }: FindOptions): Iterable<Walked> {
  const walked = walkDirectory(directory, { followsLinks, enters: (folder) => filter.mayHold(folder) });
  return filtered(walked, (relative) => filter.accepts(relative));
}

function findByPattern(pattern: string, { filter, followsLinks }: FindOptions): Iterable<Walked> {
  const { base, pattern: within, maximumDepth } = splitGlob(sep === "/" ? pattern : pattern.replaceAll(sep, "/"));
  const directory = base === "" ? "." : base;
  if (statIfThere(directory) === undefined) return [];
  const matches = compileGlob(within);
  const enters = (folder: string): boolean => folder.split("/").length < maximumDepth && filter.mayHold(folder);
  const walked = walkDirectory(directory, { followsLinks, enters });
  return filtered(walked, (relative) => matches(relative) && filter.accepts(relative));
}

/** `relative` of what is found is what its key ends in: a file's name, a path below the directory, or below the pattern's fixed part. */
export function findFiles({ kind, path }: Source, options: FindOptions): Iterable<Walked> {
  if (kind === "directory") return findInDirectory(path, options);
  if (kind === "pattern") return findByPattern(path, options);
  const relative = basename(path);
  return options.filter.accepts(relative) ? [{ kind: "file", path, relative }] : [];
}
