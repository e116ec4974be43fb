/** `serve`: the API alone, against any S3, configured by its environment. */
import { loadPolicy } from "./load-policy.ts";
import { ListenError } from "../adapters/listen.ts";
import { OPEN_POLICY } from "../policy/open-policy.ts";
import type { ParsedPolicy } from "../policy/parse-policy.ts";
import { parseServerConfig } from "./server-config.ts";
import { serve } from "./serve.ts";

function refuse(what: string, complaints: readonly string[]): void {
  process.stderr.write(`s3r-api: error: ${what}\n`);
  for (const complaint of complaints) process.stderr.write(`  ${complaint}\n`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const parsed = parseServerConfig(process.env);
  if (!parsed.ok) return refuse("the configuration is not complete", parsed.complaints);
  for (const warning of parsed.warnings) process.stderr.write(`s3r-api: warning: ${warning}\n`);
  const { policySource } = parsed.config;
  const loaded: ParsedPolicy =
    policySource === undefined ? { ok: true, policy: OPEN_POLICY } : await loadPolicy(policySource);
  if (!loaded.ok) return refuse("the policy cannot be used", loaded.complaints);
  try {
    await serve(parsed.config, loaded.policy);
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    refuse(`${error.message} (PORT, HOST; S3R_METRICS_PORT)`, []);
  }
}

// Not awaited: a runtime that imports this file (a Lambda web function) goes on when the import has ended.
main().catch((error: unknown) => {
  queueMicrotask(() => {
    throw error;
  });
});
