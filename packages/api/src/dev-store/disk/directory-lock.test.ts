import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fork } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockDirectory, StoreLockedError } from "./directory-lock.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "s3r-lock-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A process that tries to take the lock, says whether it has it, and keeps it until it is killed. */
async function startRival(): Promise<{ readonly hasIt: boolean; kill(): Promise<void> }> {
  const script = `
    import { lockDirectory } from ${JSON.stringify(new URL("./directory-lock.ts", import.meta.url).href)};
    setInterval(() => {}, 1000);
    process.send(await lockDirectory(${JSON.stringify(directory)}).then(() => true, () => false));
  `;
  const path = join(directory, `rival-${Math.random()}.mjs`);
  await writeFile(path, script);
  const child = fork(path, { execArgv: [] });
  const [hasIt]: unknown[] = await once(child, "message");
  return {
    hasIt: hasIt === true,
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

describe("lockDirectory", () => {
  it("gives the directory to one at a time, also within a process", async () => {
    const tries = await Promise.allSettled([1, 2, 3, 4].map(async () => await lockDirectory(directory)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(lockDirectory(directory)).rejects.toBeInstanceOf(StoreLockedError);
    for (const result of tries) if (result.status === "fulfilled") await result.value();
    await (
      await lockDirectory(directory)
    )();
    expect(await readdir(directory)).toEqual([]);
  });

  it("has one winner among processes that find the same dead lock, and names it to the others", async () => {
    await writeFile(join(directory, "lock"), "999999999");
    const rivals = await Promise.all([startRival(), startRival(), startRival()]);
    expect(rivals.filter(({ hasIt }) => hasIt)).toHaveLength(1);
    const holder = await readFile(join(directory, "lock"), "utf8");
    await expect(lockDirectory(directory)).rejects.toThrow(`in use by process ${holder}: stop it`);
    await Promise.all(rivals.map(async (rival) => await rival.kill()));
    await (
      await lockDirectory(directory)
    )();
  });

  it.each(["", "no number", "999999999", String(process.pid)])("takes over a lock that says %j", async (content) => {
    await writeFile(join(directory, "lock"), content);
    const unlock = await lockDirectory(directory);
    expect(await readFile(join(directory, "lock"), "utf8")).toBe(String(process.pid));
    await unlock();
  });
});
