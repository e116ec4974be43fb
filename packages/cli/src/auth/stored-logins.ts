/** The file that `s3r login` keeps its tokens in: by endpoint, for its owner's eyes only. */
import { chmod, mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import * as v from "valibot";
import { CliError, systemCode, toLocalError } from "../cli-error.ts";

export interface StoredLogin {
  readonly token: string;
  /** ISO 8601. */
  readonly storedAt: string;
}

/** By the endpoint's whole URL: a token for one path of a host is not shown to another. */
export type StoredLogins = ReadonlyMap<string, StoredLogin>;

const fileSchema = v.object({
  version: v.literal(1),
  endpoints: v.record(v.string(), v.object({ token: v.string(), storedAt: v.string() })),
});

/** Gives nothing when there is nothing to change. */
export type Change = (logins: StoredLogins) => StoredLogins | undefined;

const OTHERS = 0o077;

function assertPrivate(mode: number, path: string): void {
  // Windows has no such bits, and Node makes some up.
  if (process.platform === "win32" || (mode & OTHERS) === 0) return;
  throw new CliError("Usage", `${path} can be read by others`, {
    reason: `its mode is ${(mode & 0o777).toString(8).padStart(4, "0")}, and it holds tokens`,
    hint: `chmod 600 ${path} and, if others may have read it, have its tokens replaced`,
  });
}

function parseLogins(text: string, path: string): StoredLogins {
  try {
    const { endpoints } = v.parse(fileSchema, JSON.parse(text));
    return new Map(Object.entries(endpoints));
  } catch {
    // Without the cause: it would quote the file.
    throw new CliError("Usage", `${path} is not what s3r login has written`, {
      reason: "it is damaged, or of another version",
      hint: "remove it, and log in again",
    });
  }
}

async function openLogins(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw toLocalError(error, `cannot read ${path}`);
  }
}

/** @throws CliError Usage for a file that others can read, or that is damaged. */
export async function readLogins(path: string): Promise<StoredLogins> {
  const handle = await openLogins(path);
  if (handle === undefined) return new Map();
  try {
    assertPrivate((await handle.stat()).mode, path);
    return parseLogins(await handle.readFile("utf8"), path);
  } finally {
    await handle.close();
  }
}

const LOCK_ATTEMPTS = 50;
const LOCK_WAIT_MILLISECONDS = 40;

/** The lock is the file that will take the other's place, as git has it with its index. */
function lockOf(path: string): string {
  return `${path}.lock`;
}

async function lock(path: string, sleep: (milliseconds: number) => Promise<void>): Promise<FileHandle> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open(path, "wx", 0o600);
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw toLocalError(error, `cannot write ${path}`);
      if (attempt >= LOCK_ATTEMPTS) {
        throw new CliError("LocalIo", "another s3r is writing the stored logins", {
          reason: `${path} is there`,
          hint: "if none is running, remove that file",
        });
      }
      await sleep(LOCK_WAIT_MILLISECONDS);
    }
  }
}

async function prepareDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  // It may have been there before, for the settings.
  await chmod(path, 0o700);
}

async function write(handle: FileHandle, logins: StoredLogins): Promise<void> {
  const content = { version: 1, endpoints: Object.fromEntries(logins) };
  await handle.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
  await handle.sync();
}

/** @returns whether the lock has become the file; if not, it is still there. */
async function changeLocked(path: string, handle: FileHandle, change: Change): Promise<boolean> {
  try {
    const changed = change(await readLogins(path));
    if (changed === undefined) return false;
    await write(handle, changed);
  } finally {
    // Windows renames no open file.
    await handle.close();
  }
  await rename(lockOf(path), path);
  return true;
}

/**
 * Changes the file while nobody else does.
 * @param sleep waits for its milliseconds, until whoever else writes is done.
 * @throws CliError
 */
export async function changeLogins(
  path: string,
  change: Change,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<void> {
  let isReplaced = true;
  try {
    await prepareDirectory(dirname(path));
    const handle = await lock(lockOf(path), sleep);
    isReplaced = false;
    isReplaced = await changeLocked(path, handle, change);
  } catch (error) {
    throw toLocalError(error, `cannot write ${path}`);
  } finally {
    // Not when it was renamed: what stands there then is another's.
    if (!isReplaced) await rm(lockOf(path), { force: true });
  }
}
