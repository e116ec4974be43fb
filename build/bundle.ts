/** One source file and all that it needs, as minified ES modules for Node. */
import { basename, dirname } from "node:path";
import { rolldown } from "rolldown";

export interface Bundle {
  /** Of all files, in bytes. */
  readonly size: number;
  /** Paths of all that is in it. */
  readonly modules: readonly string[];
}

export interface BundleOptions {
  /** What stands in for globals, by their names: a module that exports the same name. */
  readonly globals?: Readonly<Record<string, string>>;
  /**
   * Takes the ES modules that the SDK's packages have beside their CommonJS, and of them only what is used. Bundlers
   * for Node do not, unless they are told.
   */
  readonly prefersModules?: boolean;
  /** What is imported dynamically lies in files beside it, and is read when it is needed. */
  readonly isSplit?: boolean;
}

/**
 * @param input path of the entry.
 * @param file path of what is written.
 * @throws Error for what cannot be resolved, which would otherwise be an import that nobody can satisfy.
 */
export async function bundle(input: string, file: string, options: BundleOptions = {}): Promise<Bundle> {
  const { globals = {}, prefersModules = true, isSplit = false } = options;
  const build = await rolldown({
    input,
    platform: "node",
    resolve: prefersModules ? { mainFields: ["module", "main"] } : {},
    transform: { inject: Object.fromEntries(Object.entries(globals).map(([name, path]) => [name, [path, name]])) },
    onLog(level, log) {
      if (level === "warn") throw new Error(`${log.code}: ${log.message}`);
    },
  });
  try {
    const { output } = await build.write({
      dir: dirname(file),
      entryFileNames: basename(file),
      chunkFileNames: "[name]-[hash].mjs",
      format: "esm",
      minify: true,
      comments: false,
      codeSplitting: isSplit,
    });
    const chunks = output.filter((each) => each.type === "chunk");
    return {
      size: chunks.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0),
      modules: chunks.flatMap(({ moduleIds }) => moduleIds),
    };
  } finally {
    await build.close();
  }
}
