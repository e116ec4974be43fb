/**
 * A small file that outlives the process: what an unfinished transfer needs to go on. One process at a time holds it.
 * It is a hint and never the truth: whoever reads it checks what it says against the store and the disk.
 */
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { systemCode } from "../cli-error.ts";

export interface StateFile extends Disposable {
  /** The JSON values that are there, a line each; nothing when there is no file, or it cannot be trusted. A line that was cut off, and all behind it, is not there. */
  read(): readonly unknown[];
  /** Replaces what is there, in one step. Only its owner may read it (0600). */
  write(value: unknown): void;
  /** Adds to it. A replacement would cost more each time: ext4 brings the bytes to the disk before it gives a file the name of another one. */
  append(value: unknown): void;
  remove(): void;
}

/** Larger ones were not written by us. */
const MAX_BYTES = 64 * 1024 ** 2;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and another user's.
    return systemCode(error) === "EPERM";
  }
}

/** Whether the process that took the lock has ended without giving it back. */
function isAbandoned(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    return Number.isSafeInteger(pid) && pid > 0 ? !isAlive(pid) : Date.now() - statSync(lock).mtimeMs > 10_000;
  } catch {
    return true;
  }
}

function tryLock(lock: string): boolean {
  try {
    const descriptor = openSync(lock, "wx", 0o600);
    writeFileSync(descriptor, String(process.pid));
    closeSync(descriptor);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

function lockOnce(lock: string): boolean {
  if (tryLock(lock)) return true;
  if (!isAbandoned(lock)) return false;
  // Renamed, not removed: of several that find it abandoned, one alone succeeds.
  const mine = `${lock}.${randomBytes(6).toString("hex")}`;
  try {
    renameSync(lock, mine);
    // Between the look and the rename another one may have taken it.
    if (!isAbandoned(mine)) {
      renameSync(mine, lock);
      return false;
    }
  } catch {
    return false;
  }
  rmSync(mine, { force: true });
  return tryLock(lock);
}

/** Others must not have been able to write it: it decides what is left out of an upload. */
function isTrusted(path: string): boolean {
  const { mode, uid, size } = statSync(path);
  return (mode & 0o077) === 0 && (process.getuid === undefined || uid === process.getuid()) && size <= MAX_BYTES;
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function parseLines(text: string): readonly unknown[] {
  const values: unknown[] = [];
  try {
    for (const line of text.split("\n")) if (line !== "") values.push(JSON.parse(line));
  } catch {
    // The process ended in the middle of it.
  }
  return values;
}

/** The values that are there, as `StateFile.read` has them. */
export function readStateFile(path: string): readonly unknown[] {
  try {
    return isTrusted(path) ? parseLines(readFileSync(path, "utf8")) : [];
  } catch {
    return [];
  }
}

/**
 * @returns nothing when another process holds it, or when there is no writing there: the transfer works without.
 */
export function openStateFile(path: string): StateFile | undefined {
  const lock = `${path}.lock`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (!lockOnce(lock)) return undefined;
  } catch {
    return undefined;
  }
  return {
    read: () => readStateFile(path),
    write(value) {
      const temporary = `${path}.${randomBytes(6).toString("hex")}`;
      writeFileSync(temporary, lineOf(value), { mode: 0o600 });
      renameSync(temporary, path);
    },
    append: (value) => appendFileSync(path, lineOf(value), { mode: 0o600 }),
    remove: () => rmSync(path, { force: true }),
    [Symbol.dispose]: () => rmSync(lock, { force: true }),
  };
}
