/** The file that a download is written into: beside its target, under a name that may change until it gets the target's. */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
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
import { dirname, join } from "node:path";
import { CliError } from "../cli-error.ts";
import { toWriteError } from "./write-error.ts";

export interface WrittenFile {
  readonly path: string;
  /** @throws CliError LocalIo */
  write(chunk: Uint8Array, position: number): void;
  /** Fills the buffer, as far as there are bytes. @returns how many. */
  read(buffer: Uint8Array, position: number): number;
  /** Empties it and gives it a size: of nothing but holes. */
  clear(size: number): void;
  /** Gives it another name, which nobody else may be using. */
  rename(path: string): void;
  /** Goes on with another file, and removes this one. */
  becomeLeft(left: LeftFile): void;
  /** @param left what is to be gone on with, if not this one. @throws CliError LocalIo when so many bytes cannot come to fit. */
  assertRoom(size: number, left?: LeftFile): void;
  /** Whether the name is still this file's. */
  isInPlace(): boolean;
  close(): void;
  remove(): void;
}

/** What an earlier run has left. */
export interface LeftFile {
  readonly path: string;
  readonly descriptor: number;
}

/**
 * @returns nothing where there is no file of this size that is ours alone: another user may have put one there, or a link, to have a hand in what becomes of it.
 */
export function openLeftFile(path: string, size: number): LeftFile | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
    const stats = fstatSync(descriptor);
    const isOurs = process.getuid === undefined || stats.uid === process.getuid();
    if (stats.isFile() && stats.size === size && stats.nlink === 1 && isOurs) return { path, descriptor };
  } catch {
    // What cannot be opened cannot be gone on with.
  }
  if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

/** As far as the system says what is free. */
function assertRoomFor(size: number, { path, descriptor }: LeftFile, target: string): void {
  const { bavail, bsize, blocks } = statfsSync(dirname(path));
  // Some network file systems do not know.
  if (blocks === 0) return;
  // Blocks of 512 bytes, whatever the file system's are (stat(2)).
  const missing = size - fstatSync(descriptor).blocks * 512;
  if (missing <= bavail * bsize) return;
  throw new CliError("LocalIo", `cannot write ${target}`, {
    reason: `${missing} bytes are to come, and ${bavail * bsize} are free on the device`,
    hint: "make room, or choose another device",
  });
}

/** @throws CliError LocalIo */
export function createWrittenFile(target: string): WrittenFile {
  // A name of its own: two downloads of one target must not write into one file. The target's may be as long as names can be.
  let path = join(dirname(target), `.s3r-${randomBytes(8).toString("hex")}.part`);
  let isOpen = true;
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx+");
  } catch (error) {
    throw toWriteError(error, dirname(target));
  }
  function close(): void {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  }

  return {
    get path() {
      return path;
    },
    // Synchronous, and a third faster for it: nothing else has to happen meanwhile, and the chunk is free again at once.
    write(chunk, position) {
      try {
        for (let offset = 0; offset < chunk.byteLength;)
          offset += writeSync(descriptor, chunk, offset, chunk.byteLength - offset, position + offset);
      } catch (error) {
        throw toWriteError(error, target);
      }
    },
    read: (buffer, position) => readSync(descriptor, buffer, 0, buffer.byteLength, position),
    clear(size) {
      ftruncateSync(descriptor, 0);
      ftruncateSync(descriptor, size);
    },
    rename(to) {
      renameSync(path, to);
      path = to;
    },
    becomeLeft(left) {
      close();
      rmSync(path, { force: true });
      [path, descriptor, isOpen] = [left.path, left.descriptor, true];
    },
    assertRoom: (size, left = { path, descriptor }) => assertRoomFor(size, left, target),
    isInPlace() {
      const [ours, there] = [fstatSync(descriptor), lstatSync(path, { throwIfNoEntry: false })];
      return there?.ino === ours.ino && there.dev === ours.dev;
    },
    close,
    remove: () => rmSync(path, { force: true }),
  };
}
