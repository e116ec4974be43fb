import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const BUILD_CLI = fileURLToPath(new URL("e2e/harness/build-cli.ts", import.meta.url));

/** The contract with S3, run by `e2e/s3/test-s3.ts` against the server that it has started. */
export default defineConfig({
  test: {
    name: "s3",
    root: "e2e/s3",
    include: ["**/*.s3.ts"],
    globalSetup: BUILD_CLI,
    reporters: ["default", ["json", { outputFile: "../../node_modules/.cache/s3.json" }]],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // Most of the time is spent waiting for other processes.
    maxWorkers: 3,
  },
});
