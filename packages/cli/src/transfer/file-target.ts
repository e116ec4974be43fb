/**
 * A download into a file: written beside the target under another name, and renamed when it is whole and verified.
 * It is not forced to the disk before: a crash of s3r leaves no torn file, and after a crash of the machine it can be got again.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { access, link, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CliError, systemCode, toLocalError } from "../cli-error.ts";
import type { DownloadTarget } from "./download-target.ts";
import { openPartialRecord, type PartialFile, type PartialIdentity, type PartialRecord } from "./partial-file.ts";
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

function open(path: string, flags: "wx+" | "r+", target: string): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw toWriteError(error, target);
  }
}

/** The file that is written, whatever it is called at the moment. */
interface Written {
  descriptor: number;
  path: string;
  isOpen: boolean;
}

function close(file: Written): void {
  if (file.isOpen) closeSync(file.descriptor);
  file.isOpen = false;
}

function writeAt(file: Written, chunk: Uint8Array, position: number): void {
  for (let offset = 0; offset < chunk.byteLength;)
    offset += writeSync(file.descriptor, chunk, offset, chunk.byteLength - offset, position + offset);
}

/** Before anything moves, as far as the system says what is free. */
function assertRoom({ descriptor, path }: Written, size: number, target: string): void {
  const { bavail, bsize } = statfsSync(dirname(path));
  // Blocks of 512 bytes, whatever the file system's are (stat(2)).
  const missing = size - fstatSync(descriptor).blocks * 512;
  if (missing <= bavail * bsize) return;
  throw new CliError("LocalIo", `cannot write ${target}`, {
    reason: `${missing} bytes are to come, and ${bavail * bsize} are free on the device`,
    hint: "make room, or choose another device",
  });
}

/** What an earlier run has left, if it is a file of ours of the right size. */
function openLeft(path: string, size: number, target: string): number | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size !== size) return undefined;
  return open(path, "r+", target);
}

/** Goes on with what is left of an earlier run, or begins a file that a later one will find. @returns the parts that are done, where something is left. */
function adopt(
  file: Written,
  record: PartialRecord,
  { size }: PartialIdentity,
  target: string,
): Set<number> | undefined {
  const path = join(dirname(target), record.name);
  const done = record.read();
  const left = done === undefined ? undefined : openLeft(path, size, target);
  if (done !== undefined && left !== undefined) {
    close(file);
    rmSync(file.path, { force: true });
    Object.assign(file, { descriptor: left, path, isOpen: true });
    return new Set(done);
  }
  renameSync(file.path, path);
  file.path = path;
  record.write([]);
  return undefined;
}

const ZEROS = Buffer.alloc(1024 ** 2);

/** What is nothing but zeros: in a new file they are there already, and take no room as long as they are not written. */
function isHole(chunk: Uint8Array): boolean {
  return chunk.byteLength <= ZEROS.byteLength && ZEROS.subarray(0, chunk.byteLength).equals(chunk);
}

interface Partial {
  readonly file: PartialFile;
  /** Ends what is remembered. @returns whether the bytes stay. */
  readonly end: () => boolean;
}

function createPartial(file: Written, identity: PartialIdentity, target: string): Partial {
  const record = openPartialRecord(target, identity);
  const left = record === undefined ? undefined : adopt(file, record, identity, target);
  const done = left ?? new Set<number>();
  let isKept = false;
  assertRoom(file, identity.size, target);
  // Nothing is left of what was there before, unless it is to be gone on with.
  if (left === undefined) ftruncateSync(file.descriptor, 0);
  ftruncateSync(file.descriptor, identity.size);
  return {
    file: {
      done,
      isFound: record !== undefined,
      write(chunk, position) {
        // Where an earlier run has written, other bytes may be there.
        if (left === undefined && isHole(chunk)) return;
        try {
          writeAt(file, chunk, position);
        } catch (error) {
          throw toWriteError(error, target);
        }
      },
      read: (buffer, position) => readSync(file.descriptor, buffer, 0, buffer.byteLength, position),
      markDone(number, mustLast) {
        if (record !== undefined && mustLast) fdatasyncSync(file.descriptor);
        done.add(number);
        record?.write(done);
      },
      restart() {
        done.clear();
        record?.write(done);
      },
      keep() {
        isKept = record !== undefined;
      },
    },
    end() {
      if (!isKept) record?.remove();
      record?.release();
      return isKept;
    },
  };
}

/**
 * @param noClobber never replace a file.
 * @throws CliError before any byte moves, when the target cannot be written.
 */
export async function openFileTarget(path: string, noClobber: boolean): Promise<DownloadTarget> {
  await checkTarget(path, noClobber);
  // A name of its own: two downloads of one target must not write into one file. The target's may be as long as names can be.
  const temporary = join(dirname(path), `.s3r-${randomBytes(8).toString("hex")}.part`);
  const file: Written = { descriptor: open(temporary, "wx+", dirname(path)), path: temporary, isOpen: true };
  let position = 0;
  let partial: Partial | undefined;

  return {
    name: path,
    canRestart: true,
    // Synchronous, and a third faster for it: nothing else has to happen meanwhile, and the chunk is free again at once.
    write(chunk) {
      try {
        writeAt(file, chunk, position);
        position += chunk.byteLength;
      } catch (error) {
        throw toWriteError(error, path);
      }
    },
    restart() {
      ftruncateSync(file.descriptor, 0);
      position = 0;
    },
    openPartial(identity) {
      try {
        // Another object is there than when it was opened before.
        partial?.end();
        partial = createPartial(file, identity, path);
        return partial.file;
      } catch (error) {
        throw toWriteError(error, path);
      }
    },
    async commit() {
      close(file);
      try {
        await (noClobber ? moveWithoutReplacing(file.path, path) : rename(file.path, path));
      } catch (error) {
        throw toWriteError(error, path);
      }
      partial?.end();
      partial = undefined;
    },
    discard() {
      close(file);
      if (partial?.end() !== true) rmSync(file.path, { force: true });
      return Promise.resolve();
    },
  };
}
