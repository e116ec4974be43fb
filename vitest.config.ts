import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const BUILD_CLI = fileURLToPath(new URL("e2e/harness/build-cli.ts", import.meta.url));

const packageProjects = ["shared", "api", "cli"].map((name) => ({
  // Files share a worker: they keep their state to themselves, and loading the SDK once is enough.
  test: { name, root: `packages/${name}`, include: ["src/**/*.test.ts"], isolate: false, testTimeout: 30_000 },
}));

export default defineConfig({
  test: {
    // Most of the time is spent waiting for other processes, so more than the cores are kept busy.
    maxWorkers: 3,
    reporters: ["default", ["json", { outputFile: "node_modules/.cache/test.json" }]],
    projects: [
      ...packageProjects,
      // End to end: real processes on real sockets. They share two cores, hence the patience.
      {
        test: {
          name: "e2e",
          root: "e2e",
          include: ["**/*.e2e.ts"],
          globalSetup: BUILD_CLI,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
