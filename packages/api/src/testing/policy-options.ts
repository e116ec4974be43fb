/** For tests: a policy, and the authentication that it asks for, as options of the app. */
import type { AppOptions } from "../app.ts";
import { createAuthenticate } from "../auth/authenticate.ts";
import { parsePolicy } from "../policy/parse-policy.ts";

export interface PolicyOptionsWorld {
  readonly now?: () => Date;
  readonly fetch?: typeof globalThis.fetch;
}

/** @param text YAML. */
export function policyOptions(
  text: string,
  { now = () => new Date(), fetch = globalThis.fetch }: PolicyOptionsWorld = {},
): Pick<AppOptions, "policy" | "authenticate" | "now"> {
  const parsed = parsePolicy(text, "policy");
  if (!parsed.ok) throw new Error(parsed.complaints.join("\n"));
  return { policy: parsed.policy, authenticate: createAuthenticate({ config: parsed.policy.auth, now, fetch }), now };
}
