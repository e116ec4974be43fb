/** The made part of docs/compatibility.md: a pure function of what the runs have found. */
import type { CheckResult, Results } from "./results.ts";

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}

function count(checks: readonly CheckResult[], outcome: CheckResult["outcome"]): number {
  return checks.filter((check) => check.outcome === outcome).length;
}

function serversTable(all: readonly Results[]): string {
  const rows = all.map(({ server, title, homepage, version, checks }) => [
    `[${title}](${homepage})`,
    version,
    `\`test:s3 ${server}\``,
    String(count(checks, "pass")),
    String(count(checks, "refused by design")),
    String(count(checks, "gap")),
  ]);
  return table(["server", "version", "command", "as S3", "refused by design", "gaps"], rows);
}

function operationCell(checks: readonly CheckResult[]): string {
  const gaps = count(checks, "gap");
  const refused = count(checks, "refused by design");
  return [
    `${count(checks, "pass")} pass`,
    ...(refused === 0 ? [] : [`${refused} refused by design`]),
    ...(gaps === 0 ? [] : [`**${gaps} ${gaps === 1 ? "gap" : "gaps"}**`]),
  ].join(", ");
}

function operationsTable(all: readonly Results[]): string {
  const subjects: readonly string[] = [...new Set(all.flatMap(({ checks }) => checks.map(({ subject }) => subject)))];
  const rows = subjects.map((subject) =>
    [subject].concat(all.map(({ checks }) => operationCell(checks.filter((check) => check.subject === subject)))),
  );
  return table(["", ...all.map(({ title }) => title)], rows);
}

function gapsOf({ title, version, checks }: Results): string {
  const gaps = checks.filter(({ outcome }) => outcome === "gap");
  const lines = gaps.map(
    ({ subject, behaviour, evidence }) => `- ${subject} does not do this: _${behaviour}_. ${evidence}.`,
  );
  return [`### ${title} ${version}`, lines.length === 0 ? "None." : lines.join("\n")].join("\n\n");
}

const MARKS = { pass: "pass", "refused by design": "refused", gap: "**gap**" } as const;

function markOf({ checks }: Results, { subject, behaviour }: CheckResult): string {
  const found = checks.find((check) => check.behaviour === behaviour && check.subject === subject);
  return found === undefined ? "" : MARKS[found.outcome];
}

function checksTable(all: readonly Results[]): string {
  const checks = all[0]?.checks ?? [];
  const rows = checks.map((check) =>
    [check.subject, check.behaviour].concat(all.map((results) => markOf(results, check))),
  );
  return table(["", "", ...all.map(({ title }) => title)], rows);
}

/** @param all in the order of the columns, each with all checks. */
export function renderCompatibility(all: readonly Results[]): string {
  return [
    serversTable(all),
    operationsTable(all),
    "## Gaps",
    ...all.map(gapsOf),
    "## Every check",
    checksTable(all),
  ].join("\n\n");
}
