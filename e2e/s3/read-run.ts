import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { CheckResult, Run } from "./results.ts";

const FILE = fileURLToPath(new URL("../../node_modules/.cache/s3.json", import.meta.url));

/** What of vitest's JSON is read. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly meta: { readonly check?: CheckResult } }[];
  }[];
}

/** The run that has just ended. */
export async function readRun(): Promise<Run> {
  const report: Report = JSON.parse(await readFile(FILE, "utf8"));
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const checksOf = (isWanted: (status: string) => boolean): readonly CheckResult[] =>
    tests.flatMap(({ status, meta: { check } }) => (check !== undefined && isWanted(status) ? [check] : []));
  return { passed: checksOf((status) => status === "passed"), failed: checksOf((status) => status !== "passed") };
}
