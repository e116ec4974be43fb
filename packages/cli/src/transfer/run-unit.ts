import { CliError } from "../cli-error.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { withRetries } from "./with-retries.ts";

/**
 * One unit of work, a whole object or a part of one: as often as it takes, each attempt when there is a lane for it.
 * While it waits for its next attempt it holds none.
 * @throws CliError of the last attempt.
 */
export async function runUnit<Result>(
  { retry, lanes }: Pick<TransferWorld, "retry" | "lanes">,
  attempt: (number: number) => Promise<Result>,
): Promise<Result> {
  return await withRetries(
    retry,
    async (number) =>
      await lanes.run(async () => {
        try {
          return await attempt(number);
        } catch (error) {
          if (error instanceof CliError && error.retry?.reason === "throttled") lanes.throttled();
          throw error;
        }
      }),
  );
}
