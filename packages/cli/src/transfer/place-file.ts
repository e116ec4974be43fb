/** Whether a file may get a name, and giving it that name. */
import { access, link, rename, stat, unlink } from "node:fs/promises";
import { CliError, systemCode } from "../cli-error.ts";

function exists(path: string): CliError {
  return new CliError("PreconditionFailed", `${path} exists`, {
    reason: "--no-clobber was given",
    hint: "choose another name, or leave --no-clobber out to replace it",
  });
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** @throws CliError Usage, PreconditionFailed */
export async function assertPlaceable(path: string, noClobber: boolean): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isDirectory() === true) {
    throw new CliError("Usage", `${path} is a directory`, {
      reason: "a file is to be written there",
      hint: `put a / behind it to keep the key's name: ${path}/`,
    });
  }
  // A rename would replace the device itself.
  if (stats !== undefined && !stats.isFile()) {
    throw new CliError("Usage", `${path} is no regular file`, {
      reason: "a download replaces its target when it is complete",
      hint: `write to stdout: s3r get KEY - > ${path}`,
    });
  }
  if (noClobber && stats !== undefined) throw exists(path);
}

/** link(2) fails where rename(2) would replace, so nothing that appears meanwhile is lost. */
async function moveWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await unlink(from);
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw exists(to);
    // File systems without hard links: the check and the rename are two steps there.
    if (await isThere(to)) throw exists(to);
    await rename(from, to);
  }
}

/** @throws CliError PreconditionFailed; what the system says. */
export async function placeFile(from: string, to: string, noClobber: boolean): Promise<void> {
  await (noClobber ? moveWithoutReplacing(from, to) : rename(from, to));
}
