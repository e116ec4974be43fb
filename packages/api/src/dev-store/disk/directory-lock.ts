/** Keeps two dev stores out of one directory: each has its index in memory and would not see the other's objects. */
import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

export class StoreLockedError extends Error {
  override readonly name = "StoreLockedError";
}

/** What this process has locked, or is about to. Any other lock with its number is of an earlier one: in a container numbers repeat. */
const held = new Set<string>();

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** Signal 0 tells whether a process is there without touching it (kill(2)). */
function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

async function holderOf(path: string): Promise<number | undefined> {
  const processId = Number(await readFile(path, "utf8").catch(() => ""));
  if (!Number.isInteger(processId) || processId <= 0 || processId === process.pid) return undefined;
  return isRunning(processId) ? processId : undefined;
}

/** Linked and not written in place, so that a lock that can be seen always has its holder's number in it. */
async function tryCreate(path: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, String(process.pid), { flag: "wx" });
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * Moves a dead lock out of the way. Of several that try, one moves it; another may move the first one's new
 * lock instead, sees that it is alive, and puts it back.
 */
async function clearStale(path: string): Promise<void> {
  const moved = `${path}.${randomUUID()}`;
  try {
    await rename(path, moved);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  if ((await holderOf(moved)) !== undefined) await link(moved, path).catch(() => {});
  await rm(moved, { force: true });
}

async function takeLock(directory: string, path: string): Promise<void> {
  const holder = await holderOf(path);
  if (holder !== undefined) {
    throw new StoreLockedError(
      `${directory} is in use by process ${holder}: stop it, or choose another directory (--data); if that process is no dev store, remove ${path}`,
    );
  }
  await clearStale(path);
  if (!(await tryCreate(path))) throw new StoreLockedError(`${directory} is just being opened by another process`);
}

/**
 * Takes the directory for this process. The lock of a process that is gone is taken over.
 * @returns what gives it back.
 * @throws StoreLockedError
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(resolve(directory), "lock");
  if (held.has(path)) throw new StoreLockedError(`${directory} is in use by this process, ${process.pid}`);
  held.add(path);
  try {
    await takeLock(directory, path);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return async () => {
    await rm(path, { force: true });
    held.delete(path);
  };
}
