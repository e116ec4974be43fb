/** Files that are whole or not there: written beside their name, flushed, renamed, and the directory flushed too. */
import { randomUUID } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/** Ends the names of files that are being written; whatever bears it at the start was left by a crash. */
export const TEMPORARY_SUFFIX = ".tmp";

/** A rename or an unlink is durable once its directory is (fsync(2)). */
async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, "r");
  await handle.sync();
}

/** Replaces a file in one step: at any moment there is the old content or the new. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}${TEMPORARY_SUFFIX}`;
  {
    await using handle = await open(temporary, "wx");
    await handle.writeFile(content);
    await handle.sync();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

export async function removeDurably(path: string): Promise<void> {
  await unlink(path);
  await syncDirectory(dirname(path));
}
