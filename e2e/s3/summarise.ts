import type { Run } from "./results.ts";
import type { Gap } from "./servers/s3-server.ts";

/** Gaps that no check is about: a check was renamed or removed, and the gap means nothing any more. */
export function findStrayGaps(run: Run, gaps: readonly Gap[]): readonly string[] {
  const known = new Set([...run.passed, ...run.failed].map(({ behaviour }) => behaviour));
  return gaps.map(({ behaviour }) => behaviour).filter((behaviour) => !known.has(behaviour));
}

/** @returns one line, and one more for each check that failed. */
export function summarise(run: Run, name: string): readonly string[] {
  const count = (outcome: string): number => run.passed.filter((check) => check.outcome === outcome).length;
  return [
    `${name}: ${count("pass")} as S3, ${count("refused by design")} refused by design, ${count("gap")} known gaps, ${run.failed.length} failed`,
    ...run.failed.map(({ subject, behaviour }) => `failed: ${subject} ${behaviour}`),
  ];
}
