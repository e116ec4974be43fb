/** `s3r uploads`: what was begun in parts from this machine, and not completed. */
import { stateDirectory } from "../state/state-directory.ts";
import { formatTable } from "../terminal/format-table.ts";
import { formatBytes } from "../terminal/format.ts";
import type { RememberedUpload } from "../transfer/upload-journal.ts";
import type { CommandDefinition } from "./command.ts";

function row({ record: { key, source, size, began }, isRunning }: RememberedUpload): readonly string[] {
  const state = isRunning ? "running" : "unfinished";
  return [key, size === undefined ? "" : formatBytes(size), began.replace(/\.\d+Z$/u, "Z"), state, source];
}

export const uploadsCommand: CommandDefinition = {
  usage: "uploads",
  description: "list uploads in parts that were not completed",
  examples: ["s3r uploads", "s3r uploads abort builds/app.tgz", "s3r uploads abort --all"],
  async run(_input, { config, env, output, json }) {
    const { listRememberedUploads } = await import("../transfer/upload-journal.ts");
    const uploads = listRememberedUploads(stateDirectory(env), config.endpoint);
    if (uploads.length === 0) output.remark("no upload is unfinished");
    if (json) {
      for (const { record, isRunning } of uploads) {
        const { key, source, size, began } = record;
        const fields = { operation: "uploads", key, source, size, began, isRunning };
        output.result({ json: fields, text: "", isData: true });
      }
    } else if (uploads.length > 0) {
      output.result({ json: {}, text: formatTable(uploads.map(row)), isData: true });
    }
  },
};
