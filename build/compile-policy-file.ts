/** From a policy as people write it to the JSON that the function reads. */
import { readFile } from "node:fs/promises";
import { parsePolicy } from "@s3r/api";
import { parse } from "yaml";
import { BuildError } from "./build-error.ts";

/** @throws BuildError */
export async function compilePolicyFile(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new BuildError(`${path} cannot be read`, { cause });
  });
  const parsed = parsePolicy(text, path);
  if (!parsed.ok) throw new BuildError(["the policy cannot be used", ...parsed.complaints].join("\n  "));
  const document: unknown = parse(text, { maxAliasCount: 100 });
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
