/** One source file and all that it needs, as one minified ES module for Node. */
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

export interface Bundle {
  /** Of the file, in bytes. */
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
}

/**
 * @param input path of the entry.
 * @param file path of what is written.
 * @throws Error for what cannot be resolved, which would otherwise be an import that nobody can satisfy.
 */
export async function bundle(input: string, file: string, options: BundleOptions = {}): Promise<Bundle> {
  const { globals = {}, prefersModules = true } = options;
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
    const { output } = await build.write({ file, format: "esm", minify: true, comments: false, codeSplitting: false });
    const [chunk] = output;
    return { size: Buffer.byteLength(chunk.code), modules: chunk.moduleIds };
  } finally {
    await build.close();
  }
}

function source(path: string): string {
  return fileURLToPath(new URL(`../src/${path}`, import.meta.url));
}

/** The function's handler. */
export async function bundleLambda(file: string): Promise<Bundle> {
  const lightFetch = source("adapters/light-fetch.ts");
  const globals = { Headers: lightFetch, Request: lightFetch, Response: lightFetch };
  return await bundle(source("entry/lambda.ts"), file, { globals });
}

/** `serve`, for any machine with Node. */
export async function bundleServer(file: string): Promise<Bundle> {
  return await bundle(source("entry/server.ts"), file);
}
