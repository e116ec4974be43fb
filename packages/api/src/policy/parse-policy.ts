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

/** @param name of the file or the variable, for the complaints. */
export function parsePolicy(text: string, name: string): ParsedPolicy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const complaints = document.errors.map(({ pos, message }) => `${name}:${lines.linePos(pos[0]).line}: ${message}`);
    return { ok: false, complaints };
  }
  const compiled = compilePolicy(document.toJS({ maxAliasCount: 100 }));
  if (compiled.ok) return compiled;
  const complaints = compiled.complaints.map(
    ({ path, message }) => `${name}:${lineOf(document, path, lines)}: ${formatPath(path)} ${message}`,
  );
  return { ok: false, complaints: [...new Set(complaints)] };
}
