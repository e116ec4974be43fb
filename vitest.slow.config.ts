import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const BUILD_CLI = fileURLToPath(new URL("e2e/harness/build-cli.ts", import.meta.url));

/** Large files, foreign clients, packet loss, a browser: minutes, and programs that are not everywhere. */
export default defineConfig({
  test: {
    name: "slow",
    root: "e2e",
    include: ["**/*.slow.ts"],
    globalSetup: BUILD_CLI,
    reporters: ["default", ["json", { outputFile: "../node_modules/.cache/slow.json" }]],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    // They measure memory and move gigabytes: one at a time.
    fileParallelism: false,
  },
});
