/**
 * A small download into a file of its own: as `file-target.ts`, beside the target under another name and renamed when it is whole. Synchronous throughout,
 * which for thousands of small files is most of their cost.
 */
import { randomBytes } from "node:crypto";
import { closeSync, linkSync, lstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { CliError, systemCode, toLocalError } from "../cli-error.ts";
import type { DownloadTarget } from "./download-target.ts";

function exists(path: string): CliError {
  return new CliError("PreconditionFailed", `${path} exists`, {
    reason: "--no-clobber was given",
    hint: "choose another directory, or leave --no-clobber out to replace it",
  });
}

function inTheWay(path: string, what: string): CliError {
  return new CliError("LocalIo", `${path} is ${what}`, {
    reason: "a file cannot be written there",
    hint: "remove it, or choose another directory",
  });
}

function checkTarget(path: string, noClobber: boolean): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (stats.isDirectory()) throw inTheWay(path, "a directory");
  if (noClobber) throw exists(path);
  // A rename would replace the device itself; a link is replaced, and not followed.
  if (!stats.isFile() && !stats.isSymbolicLink()) throw inTheWay(path, "no regular file");
}

/** link(2) fails where rename(2) would replace. */
function moveWithoutReplacing(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw exists(to);
    // File systems without hard links: the check and the rename are two steps there.
    checkTarget(to, true);
    renameSync(from, to);
    return;
  }
  rmSync(from);
}

function writeAll(descriptor: number | undefined, chunk: Uint8Array): void {
  if (descriptor === undefined) return;
  for (let offset = 0; offset < chunk.byteLength;) offset += writeSync(descriptor, chunk, offset);
}

const RUN = randomBytes(6).toString("hex");
let created = 0;

/**
 * @param noClobber never replace a file.
 * @throws CliError LocalIo or PreconditionFailed, before any byte moves.
 */
export function openSmallFileTarget(path: string, noClobber: boolean): DownloadTarget {
  created += 1;
  const temporary = join(dirname(path), `.s3r-${RUN}-${created}.part`);
  let descriptor: number | undefined;
  let isThere = true;

  function attempt<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      const known = toLocalError(error, `cannot write ${path}`);
      // A folder that is missing is no missing object.
      throw known.code === "NotFound" ? inTheWay(dirname(path), "gone") : known;
    }
  }
  function close(): void {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  }

  attempt(() => {
    checkTarget(path, noClobber);
    descriptor = openSync(temporary, "wx");
  });
  return {
    name: path,
    canRestart: true,
    write(chunk) {
      attempt(() => writeAll(descriptor, chunk));
    },
    restart() {
      close();
      descriptor = attempt(() => openSync(temporary, "w"));
    },
    commit() {
      close();
      attempt(() => (noClobber ? moveWithoutReplacing(temporary, path) : renameSync(temporary, path)));
      isThere = false;
      return Promise.resolve();
    },
    discard() {
      close();
      if (isThere) rmSync(temporary, { force: true });
      return Promise.resolve();
    },
  };
}
