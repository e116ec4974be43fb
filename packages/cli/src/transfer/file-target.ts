/**
 * A download into a file: written beside the target under another name, and renamed when it is whole and verified.
 * It is not forced to the disk before: a crash of s3r leaves no torn file, and after a crash of the machine it can be got again.
 */
import { randomBytes } from "node:crypto";
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { access, link, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CliError, systemCode, toLocalError } from "../cli-error.ts";
import type { DownloadTarget } from "./download-target.ts";

function exists(path: string): CliError {
  return new CliError("PreconditionFailed", `${path} exists`, {
    reason: "--no-clobber was given",
    hint: "choose another name, or leave --no-clobber out to replace it",
  });
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function checkTarget(path: string, noClobber: boolean): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isDirectory() === true) {
    throw new CliError("Usage", `${path} is a directory`, {
      reason: "a file is to be written there",
      hint: `put a / behind it to keep the key's name: ${path}/`,
    });
  }
  // A rename would replace the device itself.
  if (stats !== undefined && !stats.isFile()) {
    throw new CliError("Usage", `${path} is no regular file`, {
      reason: "a download replaces its target when it is complete",
      hint: `write to stdout: s3r get KEY - > ${path}`,
    });
  }
  if (noClobber && stats !== undefined) throw exists(path);
}

/** link(2) fails where rename(2) would replace, so nothing that appears meanwhile is lost. */
async function moveWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await unlink(from);
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw exists(to);
    // File systems without hard links: the check and the rename are two steps there.
    if (await isThere(to)) throw exists(to);
    await rename(from, to);
  }
}

/** A folder that is missing is no missing object: the two have exit codes of their own. */
function toWriteError(error: unknown, path: string): CliError {
  const known = toLocalError(error, `cannot write ${path}`);
  if (known.code !== "NotFound") return known;
  return new CliError("LocalIo", known.message, {
    ...(known.reason === undefined ? {} : { reason: known.reason }),
    hint: "make the directory first",
    cause: error,
  });
}

function openTemporary(path: string): number {
  try {
    return openSync(path, "wx");
  } catch (error) {
    throw toWriteError(error, dirname(path));
  }
}

/**
 * @param noClobber never replace a file.
 * @throws CliError before any byte moves, when the target cannot be written.
 */
export async function openFileTarget(path: string, noClobber: boolean): Promise<DownloadTarget> {
  await checkTarget(path, noClobber);
  // A name of its own: two downloads of one target must not write into one file. The target's may be as long as names can be.
  const temporary = join(dirname(path), `.s3r-${randomBytes(8).toString("hex")}.part`);
  const descriptor = openTemporary(temporary);
  let position = 0;
  let isOpen = true;

  function close(): void {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  }

  return {
    name: path,
    canRestart: true,
    // Synchronous, and a third faster for it: nothing else has to happen meanwhile, and the chunk is free again at once.
    write(chunk) {
      try {
        for (let offset = 0; offset < chunk.byteLength;) {
          offset += writeSync(descriptor, chunk, offset, chunk.byteLength - offset, position + offset);
        }
        position += chunk.byteLength;
      } catch (error) {
        throw toWriteError(error, path);
      }
    },
    restart() {
      ftruncateSync(descriptor, 0);
      position = 0;
    },
    async commit() {
      close();
      try {
        await (noClobber ? moveWithoutReplacing(temporary, path) : rename(temporary, path));
      } catch (error) {
        throw toWriteError(error, path);
      }
    },
    discard() {
      close();
      rmSync(temporary, { force: true });
      return Promise.resolve();
    },
  };
}
