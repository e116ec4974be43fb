/** The text of a policy, YAML or JSON (which is YAML), as a policy; or one line for each thing that is wrong. */
import { isNode, LineCounter, parseDocument, type Document } from "yaml";
import { compilePolicy } from "./compile-policy.ts";
import { formatPath, type Complaint } from "./complaint.ts";
import type { Policy } from "./policy.ts";

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | {
      readonly ok: false;
      /** Each begins with its line and its path in the file. */
      readonly complaints: readonly string[];
    };

/** The line of what stands at the path, or of the nearest thing around it. */
function lineOf(document: Document, path: Complaint["path"], lines: LineCounter): number {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

type Content = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

/** Aliases may refer to what is not there, or multiply until nothing holds them: then `toJS` throws. */
function toValue(document: Document): Content {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    return {
      ok: false,
      reason: `its aliases cannot be resolved: ${error instanceof Error ? error.message : "why is not known"}`,
    };
  }
}

/** Where the parser speaks to programmers. */
const MESSAGES: Readonly<Record<string, string>> = {
  NON_STRING_KEY: "a member's name must be plain text",
  MULTIPLE_DOCS: "holds more than one document: a policy is one",
};

/** @param name of the file or the variable, for the complaints. */
export function parsePolicy(text: string, name: string): ParsedPolicy {
  const lines = new LineCounter();
  // Names are text, so that none can stand twice: as `1` and `"1"`, or by an alias.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  // What it only warns of, it has ignored: a tag that it does not know, such as CloudFormation's `!Sub`.
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const complaints = faults.map(
      ({ code, pos, message }) => `${name}:${lines.linePos(pos[0]).line}: ${MESSAGES[code] ?? message}`,
    );
    return { ok: false, complaints };
  }
  const content = toValue(document);
  if (!content.ok) return { ok: false, complaints: [`${name}:1: ${content.reason}`] };
  const compiled = compilePolicy(content.value);
  if (compiled.ok) return compiled;
  const complaints = compiled.complaints.map(
    ({ path, message }) => `${name}:${lineOf(document, path, lines)}: ${formatPath(path)} ${message}`,
  );
  return { ok: false, complaints: [...new Set(complaints)] };
}
