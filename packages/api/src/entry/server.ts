/** `serve`: the API alone, against any S3, configured by its environment. */
import { createNodeServer } from "../adapters/node.ts";
import { createApp } from "../app.ts";
import { createAuthenticate } from "../auth/authenticate.ts";
import { OPEN_POLICY } from "../policy/open-policy.ts";
import type { ParsedPolicy } from "../policy/parse-policy.ts";
import type { Policy } from "../policy/policy.ts";
import { closeServer } from "../adapters/close-server.ts";
import { createCredentialsChain } from "./credentials-chain.ts";
import { listen, ListenError } from "../adapters/listen.ts";
import { createAccessLog } from "./create-access-log.ts";
import { loadPolicy } from "./load-policy.ts";
import { logError } from "./log-error.ts";
import { parseServerConfig, type ServerConfig } from "./server-config.ts";
import { untilSignal } from "./until-signal.ts";

function now(): Date {
  return new Date();
}

async function serve(config: ServerConfig, policy: Policy): Promise<void> {
  const { bucket, expiresIn, corsOrigins, port, host } = config;
  const app = createApp({
    bucket,
    credentials: createCredentialsChain(),
    policy,
    authenticate: createAuthenticate({ config: policy.auth, now, fetch }),
    expiresIn,
    corsOrigins,
    now,
    onError: logError,
    onAccess: createAccessLog(process.stdout),
  });
  const server = createNodeServer(app, logError);
  const listening = await listen(server, port, host);
  process.stderr.write(
    `s3r-api: http://${host.includes(":") ? `[${host}]` : host}:${listening} signs for bucket ${bucket.name}\n`,
  );
  await untilSignal();
  await closeServer(server);
}

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
    refuse(`${error.message} (PORT, HOST)`, []);
  }
}

await main();
