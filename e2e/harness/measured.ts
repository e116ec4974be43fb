import { run, s3rArguments, type Finished } from "./run.ts";

/** Runs s3r by a shell that tells how much memory its child had at most, in bytes (getrusage(2), `ru_maxrss`). */
export async function measuredS3r(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Finished & { readonly memory: number }> {
  const script =
    "import resource,subprocess,sys;c=subprocess.call(sys.argv[1:]);print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss);sys.exit(c)";
  const finished = await run("python3", ["-c", script, process.execPath, ...s3rArguments(args)], { env });
  return { ...finished, memory: Number(finished.stdout.trim().split("\n").at(-1)) * 1024 };
}
