/** A program of a CI system, made up: it writes down its arguments and says what it is told to. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface FakeCommand {
  /** For PATH. */
  readonly directory: string;
  /** Of all its runs, a line each. */
  readonly argumentLines: () => Promise<readonly string[]>;
  /** Says something else from now on. */
  readonly say: (script: string) => Promise<void>;
}

/** @param script what it does after that, in sh. */
export async function writeCommand(root: string, name: string, script: string): Promise<FakeCommand> {
  const directory = join(root, "bin");
  const log = join(root, `${name}.arguments`);
  await mkdir(directory, { recursive: true });
  await writeFile(log, "");
  const say = async (said: string): Promise<void> =>
    await writeFile(join(directory, name), `#!/bin/sh\nprintf '%s|' "$@" >>'${log}'; echo >>'${log}'\n${said}\n`, {
      mode: 0o755,
    });
  await say(script);
  return {
    directory,
    argumentLines: async () => (await readFile(log, "utf8")).split("\n").filter((line) => line !== ""),
    say,
  };
}
