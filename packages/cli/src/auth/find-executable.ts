/** Where a program is, as a shell would find it. */
import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import type { Environment } from "./token-source.ts";

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Of relative directories in PATH nothing is taken: what they hold is the repository's, and it would be given an identity. */
export async function findExecutable(name: string, env: Environment): Promise<string | undefined> {
  for (const directory of (env["PATH"] ?? "").split(delimiter)) {
    if (!isAbsolute(directory)) continue;
    for (const path of [join(directory, name), join(directory, `${name}.exe`)]) {
      if (await isExecutable(path)) return path;
    }
  }
  return undefined;
}
