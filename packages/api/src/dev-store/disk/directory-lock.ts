/** Keeps two dev stores out of one directory: each has its index in memory and would not see the other's objects. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export class StoreLockedError extends Error {
  override readonly name = "StoreLockedError";
}

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
  return Number.isInteger(processId) && processId > 0 && isRunning(processId) ? processId : undefined;
}

/**
 * Takes the directory for this process. The lock of a process that is gone is taken over.
 * @returns what gives it back.
 * @throws StoreLockedError
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, "lock");
  const holder = await holderOf(path);
  if (holder !== undefined) {
    throw new StoreLockedError(
      `${directory} is in use by process ${holder}: stop it, or choose another directory (--data)`,
    );
  }
  await rm(path, { force: true });
  try {
    await writeFile(path, String(process.pid), { flag: "wx" });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    throw new StoreLockedError(`${directory} is just being opened by another process`, { cause: error });
  }
  return async () => {
    await rm(path, { force: true });
  };
}
