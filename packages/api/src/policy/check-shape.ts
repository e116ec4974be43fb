/** What is wrong with the shape of a policy document, member by member and all at once. */
import * as v from "valibot";
import type { Complaint } from "./complaint.ts";
import { policySchema } from "./policy-document.ts";

type Issue = v.BaseIssue<unknown>;

function stepsOf(issue: Issue): Complaint["path"] {
  return (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
}

function messageOf(issue: Issue): string {
  if (issue.type === "strict_object" && issue.expected === "never")
    return "is no member of a policy here: check its spelling";
  if (issue.received === "undefined") return "is missing";
  if (!issue.message.startsWith("Invalid ")) return issue.message;
  return `must be ${issue.expected ?? "something else"}, not ${issue.received}`;
}

/** Of a choice between one and several, the side that was meant: an array was meant as one. */
function meant(issue: Issue): readonly Issue[] {
  const parts = issue.issues ?? [];
  return Array.isArray(issue.input)
    ? parts.filter(({ path }) => path !== undefined)
    : parts.filter(({ path, type }) => path === undefined && type !== "array");
}

function toComplaints(issue: Issue, base: Complaint["path"] = []): readonly Complaint[] {
  const path = [...base, ...stepsOf(issue)];
  const inner = meant(issue);
  return inner.length === 0 ? [{ path, message: messageOf(issue) }] : inner.flatMap((each) => toComplaints(each, path));
}

export function checkShape(document: unknown): readonly Complaint[] {
  const checked = v.safeParse(policySchema, document);
  return checked.success ? [] : checked.issues.flatMap((issue) => toComplaints(issue));
}
