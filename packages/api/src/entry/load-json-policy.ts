/**
 * Reads the policy of the function, as JSON: a parser of YAML would be half of the bundle, and time at every cold
 * start. `build --policy` turns YAML into it, and tells of mistakes with their lines.
 */
import { readFileSync } from "node:fs";
import { compilePolicy } from "../policy/compile-policy.ts";
import { formatPath } from "../policy/complaint.ts";
import type { ParsedPolicy } from "../policy/parse-policy.ts";
import type { PolicySource } from "./load-policy.ts";

function compileJson(text: string, name: string): ParsedPolicy {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return {
      ok: false,
      complaints: [`${name}: must be JSON for a function: \`build --policy FILE\` makes it of YAML`],
    };
  }
  const compiled = compilePolicy(document);
  if (compiled.ok) return compiled;
  return {
    ok: false,
    complaints: compiled.complaints.map(({ path, message }) => `${name}: ${formatPath(path)} ${message}`),
  };
}

/**
 * Reads at once: nothing else waits at a start, and `node:fs/promises` would take longer to load than the file.
 * Complaints begin with the file's path, or with `S3R_POLICY`.
 */
export function loadJsonPolicy(source: PolicySource): ParsedPolicy {
  if (source.kind === "inline") return compileJson(source.text, "S3R_POLICY");
  let text: string;
  try {
    text = readFileSync(source.path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { ok: false, complaints: [`${source.path}: cannot be read (${code})`] };
  }
  return compileJson(text, source.path);
}
