import type { Operation } from "@s3r/shared";
import type { CliError } from "../cli-error.ts";
import type { ManyUnit } from "./many-units.ts";
import { runUnit } from "./run-unit.ts";
import { requestOnce } from "./simple-request.ts";
import type { TransferWorld } from "./transfer-world.ts";

export interface DeleteListener {
  done(key: string): void;
  failed(key: string, error: CliError): void;
}

/** One key gone, for `runMany`. One that is not there is none that fails. */
export function deleteUnit(key: string, world: TransferWorld, listener: DeleteListener): ManyUnit {
  const operation: Operation = { name: "DeleteObject", key, query: {} };
  return {
    question: { operation, announced: {} },
    held: 0,
    bytes: 0,
    async run(ahead) {
      await runUnit(world, (number) => requestOnce(operation, {}, world, number === 1 ? ahead : undefined));
      // No bytes, but as good a measure of whether more lanes help.
      world.lanes.moved(1);
      listener.done(key);
    },
    fail: (error) => listener.failed(key, error),
  };
}
