/** `serve`: the API alone, against any S3, configured by its environment. */
import { createNodeServer } from "../adapters/node.ts";
import { createApp } from "../app.ts";
import { closeServer } from "../adapters/close-server.ts";
import { createCredentialsChain } from "./credentials-chain.ts";
import { listen, ListenError } from "../adapters/listen.ts";
import { logError } from "./log-error.ts";
import { parseServerConfig, type ServerConfig } from "./server-config.ts";
import { untilSignal } from "./until-signal.ts";

async function serve({ bucket, expiresIn, corsOrigins, port, host }: ServerConfig): Promise<void> {
  const app = createApp({
    bucket,
    credentials: createCredentialsChain(),
    expiresIn,
    corsOrigins,
    now: () => new Date(),
    onError: logError,
  });
  const server = createNodeServer(app, logError);
  const listening = await listen(server, port, host);
  process.stderr.write(
    `s3r-api: http://${host.includes(":") ? `[${host}]` : host}:${listening} signs for bucket ${bucket.name}\n`,
  );
  await untilSignal();
  await closeServer(server);
}

const parsed = parseServerConfig(process.env);
if (parsed.ok) {
  for (const warning of parsed.warnings) process.stderr.write(`s3r-api: warning: ${warning}\n`);
  try {
    await serve(parsed.config);
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    process.stderr.write(`s3r-api: error: ${error.message} (PORT, HOST)\n`);
    process.exitCode = 2;
  }
} else {
  process.stderr.write("s3r-api: error: the configuration is not complete\n");
  for (const complaint of parsed.complaints) process.stderr.write(`  ${complaint}\n`);
  process.exitCode = 2;
}
