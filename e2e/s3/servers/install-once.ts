import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Installation {
  /** Names what is installed, and what is expected of it: another one is another installation. */
  readonly id: string;
  /** Where `install` put it. */
  readonly directory: string;
  /** Fills the directory, which is empty. What it returns is kept beside it. */
  readonly install: (directory: string) => Promise<string>;
}

/**
 * Installs where nothing is yet. What is half done is never taken for done: the directory is made beside its place, and moved.
 * @returns what `install` returned, now or then: a version.
 */
export async function installOnce({ id, directory, install }: Installation): Promise<string> {
  const note = join(directory, ".installed");
  const found = (await readFile(note, "utf8").catch(() => "")).split("\n");
  if (found[0] === id) return found[1] ?? "";
  const fresh = `${directory}.${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const version = await install(fresh);
  await writeFile(join(fresh, ".installed"), `${id}\n${version}`);
  await rm(directory, { recursive: true, force: true });
  await rename(fresh, directory);
  return version;
}
