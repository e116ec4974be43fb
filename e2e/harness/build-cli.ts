/** The command as it is installed, built once for all tests of a run. */
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleCli } from "@s3r/build/bundles";

const DIRECTORY = fileURLToPath(new URL("../../node_modules/.cache/e2e-cli", import.meta.url));

/** For vitest. Tells the tests' processes by their environment. */
export async function setup(): Promise<void> {
  const built = `${DIRECTORY}.${process.pid}`;
  await mkdir(built, { recursive: true });
  await bundleCli(join(built, "s3r.mjs"));
  // At one place: Node keeps what it has compiled under the path.
  await rm(DIRECTORY, { recursive: true, force: true });
  await rename(built, DIRECTORY);
  process.env["S3R_TEST_CLI"] = join(DIRECTORY, "s3r.mjs");
}
