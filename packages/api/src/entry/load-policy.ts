/** Reads the policy that the API is started with. */
import { readFile } from "node:fs/promises";
import { parsePolicy, type ParsedPolicy } from "../policy/parse-policy.ts";

export type PolicySource =
  | { readonly kind: "file"; readonly path: string }
  /** Of the variable S3R_POLICY, for where there are no files. */
  | { readonly kind: "inline"; readonly text: string };

export async function loadPolicy(source: PolicySource): Promise<ParsedPolicy> {
  if (source.kind === "inline") return parsePolicy(source.text, "S3R_POLICY");
  let text: string;
  try {
    text = await readFile(source.path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { ok: false, complaints: [`${source.path}: cannot be read (${code})`] };
  }
  return parsePolicy(text, source.path);
}
