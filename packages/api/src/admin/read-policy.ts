import { parsePolicy } from "../policy/parse-policy.ts";
import type { Policy } from "../policy/policy.ts";
import { AdminError } from "./admin-error.ts";
import type { AdminWorld } from "./admin-world.ts";

/** @throws AdminError with all that is wrong, a line each. */
export async function readPolicy(path: string, { readFile }: AdminWorld): Promise<Policy> {
  let text: string;
  try {
    text = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new AdminError(`${path} cannot be read (${code})`, { cause: error });
  }
  const parsed = parsePolicy(text, path);
  if (parsed.ok) return parsed.policy;
  throw new AdminError(`the policy cannot be used\n${parsed.complaints.map((each) => `  ${each}`).join("\n")}`);
}
