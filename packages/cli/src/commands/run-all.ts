/** Several things at once, and not many: all are tried, each error is reported where it happens, the first decides the exit code. */
import pLimit from "p-limit";
import { CliError } from "../cli-error.ts";
import type { Output } from "../terminal/output.ts";
import { ReportedError } from "./reported-error.ts";

const AT_ONCE = 4;

/**
 * @param describe what a task is about, for the NDJSON of its error.
 * @throws ReportedError, or what is no CliError at once.
 */
export async function runAll<Task>(
  tasks: readonly Task[],
  output: Output,
  describe: (task: Task) => Readonly<Record<string, unknown>>,
  run: (task: Task) => Promise<void>,
): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const failures: (CliError | undefined)[] = await Promise.all(
    tasks.map((task) =>
      limit(async () => {
        try {
          await run(task);
          return undefined;
        } catch (error) {
          if (!(error instanceof CliError) || error.code === "Interrupted" || error.code === "Terminated") throw error;
          output.error(error, describe(task));
          return error;
        }
      }),
    ),
  );
  const failed = failures.filter((failure) => failure !== undefined);
  const [first] = failed;
  if (first === undefined) return;
  if (tasks.length > 1)
    output.remark(`${tasks.length - failed.length} of ${tasks.length} done, ${failed.length} failed`);
  throw new ReportedError(first);
}
