import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const BUILD_CLI = fileURLToPath(new URL("e2e/harness/build-cli.ts", import.meta.url));

/** What is run by hand: it takes more disk than a CI machine has. */
export default defineConfig({
  test: {
    name: "demand",
    root: "e2e",
    include: ["**/*.demand.ts"],
    globalSetup: BUILD_CLI,
    testTimeout: 3_600_000,
  },
});
