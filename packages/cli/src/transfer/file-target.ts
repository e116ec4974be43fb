/**
 * A download into a file: written beside the target under another name, and renamed when it is whole and verified.
 * It is not forced to the disk before, which would take a fifth of the time of a large one: a crash of s3r leaves no torn file, and after a
 * crash of the machine it can be got again.
 */
import { CliError } from "../cli-error.ts";
import type { DownloadTarget } from "./download-target.ts";
import { createPartialFiles } from "./partial-file.ts";
import { assertPlaceable, placeFile } from "./place-file.ts";
import { toWriteError } from "./write-error.ts";
import { createWrittenFile } from "./written-file.ts";

function taken(path: string): CliError {
  return new CliError("LocalIo", `cannot write ${path}`, {
    reason: "something else has replaced the file that was being written beside it",
    hint: "try again, one download of it at a time",
  });
}

/**
 * @param noClobber never replace a file.
 * @throws CliError before any byte moves, when the target cannot be written.
 */
export async function openFileTarget(path: string, noClobber: boolean): Promise<DownloadTarget> {
  await assertPlaceable(path, noClobber);
  const written = createWrittenFile(path);
  const partials = createPartialFiles(written, path);
  let position = 0;

  return {
    name: path,
    canRestart: true,
    write(chunk) {
      written.write(chunk, position);
      position += chunk.byteLength;
    },
    restart() {
      written.clear(0);
      position = 0;
    },
    openPartial(place, identity) {
      try {
        return partials.open(place, identity);
      } catch (error) {
        throw toWriteError(error, path);
      }
    },
    async commit() {
      if (!written.isInPlace()) throw taken(path);
      written.close();
      try {
        await placeFile(written.path, path, noClobber);
      } catch (error) {
        throw toWriteError(error, path);
      }
      partials.placed();
    },
    discard() {
      written.close();
      partials.end();
      return Promise.resolve();
    },
  };
}
