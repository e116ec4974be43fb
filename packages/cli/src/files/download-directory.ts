/** Where `get -r` and `sync` write: a path for each key, its folders made, and never a way out of the directory. */
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, lstatSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CliError, systemCode, toLocalError } from "../cli-error.ts";
import { createClashDetector, createFolderDetector, toLocalNames, type Platform } from "./local-name.ts";

export interface DownloadDirectory {
  /** The path for a key, whether or not anything is there. @throws CliError UnsafeServer or LocalIo, of this key alone. */
  pathFor(key: string): string;
  /** Makes the folders that it lies in. @throws CliError LocalIo, of this key alone. */
  makeRoomFor(key: string): void;
}

export interface DirectoryOptions {
  /** What all keys begin with and no path has: empty, or with a `/` at its end. */
  readonly prefix: string;
  readonly platform: Platform;
  /** Whether `a` and `A` are two files there; tried when absent. */
  readonly isCaseSensitive?: boolean;
}

function inTheWay(path: string, what: string): CliError {
  return new CliError("LocalIo", `${path} is ${what}`, {
    reason: "a folder has to be there",
    hint: "remove it, or choose another directory",
  });
}

/** Says nothing of what is there. @throws CliError UnsafeServer or LocalIo, of this key alone. */
export function pathBelow(root: string, key: string, { prefix, platform }: DirectoryOptions): string {
  return join(root, ...toLocalNames(key, prefix, platform));
}

/** A folder of its own: what a link leads to may lie anywhere. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw toLocalError(error, `cannot make the directory ${path}`);
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) throw inTheWay(path, "a link, which may lead anywhere");
    if (!stats.isDirectory()) throw inTheWay(path, "a file");
  }
}

function probeCase(directory: string): boolean {
  const name = `.s3r-${randomBytes(8).toString("hex")}-a`;
  const path = join(directory, name);
  closeSync(openSync(path, "wx"));
  try {
    return !existsSync(join(directory, name.toUpperCase()));
  } finally {
    rmSync(path);
  }
}

/** @throws CliError LocalIo when the directory cannot be made or written. */
export function openDownloadDirectory(root: string, options: DirectoryOptions): DownloadDirectory {
  const made = new Set<string>();
  const detectFolder = createFolderDetector();
  let detectClash: (key: string) => void;
  try {
    mkdirSync(root, { recursive: true });
    detectClash = createClashDetector(options.isCaseSensitive ?? probeCase(root));
  } catch (error) {
    throw toLocalError(error, `cannot write into ${root}`);
  }

  return {
    pathFor(key) {
      const path = pathBelow(root, key, options);
      detectClash(key);
      detectFolder(key);
      return path;
    },
    makeRoomFor(key) {
      const folders = toLocalNames(key, options.prefix, options.platform).slice(0, -1);
      if (made.has(folders.join("/"))) return;
      let path = root;
      for (const folder of folders) {
        path = join(path, folder);
        makeFolder(path);
      }
      made.add(folders.join("/"));
    },
  };
}
