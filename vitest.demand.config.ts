import { defineConfig } from "vitest/config";

/** What is run by hand: it takes more disk than a CI machine has. */
export default defineConfig({
  test: { name: "demand", root: "e2e", include: ["**/*.demand.ts"], testTimeout: 3_600_000 },
});
