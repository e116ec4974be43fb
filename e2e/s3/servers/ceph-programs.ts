/** How the programs of an unpacked Ceph are run: by their own dynamic loader, with their own libraries. */
import { glob } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mustRun } from "./must-run.ts";

export interface CephPrograms {
  /** Of Ceph's libraries and plugins. */
  readonly libraries: string;
  /** The command line of a program. */
  commandLine(program: string, args: readonly string[]): { readonly command: string; readonly args: readonly string[] };
  /** Runs one to its end. @returns its stdout. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** The `ceph` command, which is Python. */
  admin(config: string, args: readonly string[]): Promise<string>;
}

async function findOne(patterns: readonly string[], cwd: string): Promise<string> {
  for await (const name of glob(patterns, { cwd })) return join(cwd, name);
  throw new Error(`nothing like ${patterns.join(" or ")} in ${cwd}`);
}

export async function findCephPrograms(root: string): Promise<CephPrograms> {
  const loader = await findOne(["usr/lib64/ld-linux-*.so.?", "usr/lib/ld-linux-*.so.?"], root);
  const libraries = dirname(await findOne(["usr/lib/*/librados.so.2"], root));
  const commandLine: CephPrograms["commandLine"] = (program, args) => ({
    command: loader,
    args: ["--library-path", `${libraries}:${libraries}/ceph`, join(root, "usr", "bin", program), ...args],
  });
  const run = async (program: string, args: readonly string[], env = {}): Promise<string> => {
    const line = commandLine(program, args);
    return await mustRun(line.command, line.args, { env });
  };
  const python = { PYTHONHOME: join(root, "usr"), PYTHONDONTWRITEBYTECODE: "1" };
  const script = join(root, "usr", "bin", "ceph");
  return {
    libraries,
    commandLine,
    run: async (program, args) => await run(program, args),
    admin: async (config, args) =>
      await run("python3", [script, "-c", config, "--connect-timeout", "4", ...args], python),
  };
}
