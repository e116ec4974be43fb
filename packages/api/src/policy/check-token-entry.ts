/** For whoever makes an entry of a policy's `tokens`, before it is written into one. */
import { compilePolicy } from "./compile-policy.ts";
import { formatPath } from "./complaint.ts";

/** As the policy would complain: `name must be …`. */
export function complainAboutTokenEntry(entry: Readonly<Record<string, string>>): readonly string[] {
  const statements = [{ principals: "*", actions: "read", keys: "**" }];
  const compiled = compilePolicy({ version: 1, tokens: [entry], statements });
  return compiled.ok ? [] : compiled.complaints.map(({ path, message }) => `${formatPath(path.slice(2))} ${message}`);
}
