/**
 * A file that is small enough to be kept, in one go. Synchronous: for files of a few KiB that is 40 % faster than with promises, and most of what many
 * small files cost on the client.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { CliError, toLocalError } from "../cli-error.ts";

export interface FileLook {
  /** Bytes. */
  readonly size: number;
  readonly modifiedMilliseconds: number;
  /** All of it; nothing when it is larger than what is kept. */
  readonly bytes: Buffer | undefined;
}

function changed(path: string): CliError {
  return new CliError("LocalIo", `${path} changed while it was being read`, {
    reason: "its size or its time of modification is another one",
    hint: "try again when nothing writes to it",
  });
}

function isSame(a: Stats, b: Stats): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs;
}

function readAll(descriptor: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  for (let count = -1; filled < size && count !== 0; filled += count)
    count = readSync(descriptor, bytes, filled, size - filled, filled);
  return bytes.subarray(0, filled);
}

function look(descriptor: number, path: string, maximumBytes: number): FileLook {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) {
    throw new CliError("LocalIo", `${path} is no regular file any more`, {
      reason: "something replaced it",
      hint: "try again when nothing writes there",
    });
  }
  const { size, mtimeMs } = stats;
  if (size > maximumBytes) return { size, modifiedMilliseconds: mtimeMs, bytes: undefined };
  const bytes = readAll(descriptor, size);
  if (bytes.byteLength !== size || !isSame(stats, fstatSync(descriptor))) throw changed(path);
  return { size, modifiedMilliseconds: mtimeMs, bytes };
}

/** @throws CliError NotFound or LocalIo */
export function lookAtFile(path: string, maximumBytes: number): FileLook {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    return look(descriptor, path, maximumBytes);
  } catch (error) {
    throw toLocalError(error, `cannot read ${path}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
