/** `start`: the API and the dev store beside it, on this machine, until a signal. */
import { resolve } from "node:path";
import { closeServer } from "../adapters/close-server.ts";
import { listen, ListenError } from "../adapters/listen.ts";
import { createNodeServer } from "../adapters/node.ts";
import { createApp } from "../app.ts";
import { createAuthenticate } from "../auth/authenticate.ts";
import { loadOrCreateKeyPair } from "../dev-store/key-pair.ts";
import { openDevStore, StoreLockedError } from "../dev-store/dev-store.ts";
import { OPEN_POLICY } from "../policy/open-policy.ts";
import type { Policy } from "../policy/policy.ts";
import { createAccessLog } from "./create-access-log.ts";
import { parseDevOptions, UsageError, type DevOptions } from "./dev-options.ts";
import { loadPolicy } from "./load-policy.ts";
import { logError } from "./log-error.ts";
import { untilSignal } from "./until-signal.ts";

const REGION = "us-east-1";

/** Another host name than the API's, since several clients judge by the name alone when they drop credentials. */
const STORE_HOST = "localhost";
const LOOPBACK = "127.0.0.1";

/** What is wrong with the policy, line by line. */
class PolicyError extends Error {
  override readonly name = "PolicyError";
}

async function readPolicy(path: string | undefined): Promise<Policy> {
  if (path === undefined) return OPEN_POLICY;
  const loaded = await loadPolicy({ kind: "file", path });
  if (loaded.ok) return loaded.policy;
  throw new PolicyError(`the policy cannot be used\n${loaded.complaints.map((each) => `  ${each}`).join("\n")}`);
}

interface Running {
  readonly api: string;
  readonly store: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function greeting({ api, store, bucket }: Running, { directory, policy }: DevOptions): string {
  const access =
    policy === undefined
      ? "It asks nobody who they are: anyone on this machine may do all (--policy FILE says who may do what)."
      : `Who may do what stands in ${policy}.`;
  return `
s3r is running: the API at ${api}, its dev store at ${store} (bucket ${bucket}, data in ${resolve(directory)}).
${access} It listens on this machine only. Ctrl-C stops it; the data stays.

Type next, in another terminal:

  curl -fL -T README.md ${api}/hello.md
  curl -fL ${api}/hello.md
  export S3R_ENDPOINT=${api}
  npx -y pnpm@12 s3r put README.md docs/
  npx -y pnpm@12 s3r ls
`;
}

function now(): Date {
  return new Date();
}

async function start(options: DevOptions): Promise<void> {
  const { port, storePort, directory, bucket, json } = options;
  const policy = await readPolicy(options.policy);
  const keyPair = await loadOrCreateKeyPair(directory);
  const store = await openDevStore({ directory, buckets: [bucket], region: REGION, keyPair, faults: options.faults });
  try {
    const listeningStorePort = await listen(store.server, storePort, LOOPBACK);
    const endpoint = `http://${STORE_HOST}:${listeningStorePort}`;
    const app = createApp({
      bucket: { name: bucket, region: REGION, endpoint, forcePathStyle: true, keyPrefix: "" },
      credentials: () => Promise.resolve(keyPair),
      policy,
      authenticate: createAuthenticate({ config: policy.auth, now, fetch }),
      expiresIn: 300,
      corsOrigins: ["*"],
      now,
      onError: logError,
      // stdout has the greeting, which scripts read.
      onAccess: createAccessLog(process.stderr),
    });
    const server = createNodeServer(app, { onCrash: logError });
    const api = `http://${LOOPBACK}:${await listen(server, port, LOOPBACK)}`;
    const running: Running = { api, store: endpoint, bucket, region: REGION, ...keyPair };
    process.stdout.write(json ? `${JSON.stringify(running)}\n` : greeting(running, options));
    await untilSignal();
    await closeServer(server);
  } finally {
    await store.close();
  }
}

try {
  await start(parseDevOptions(process.argv.slice(2)));
} catch (error) {
  const isExpected = [UsageError, PolicyError, ListenError, StoreLockedError].some((kind) => error instanceof kind);
  if (!isExpected || !(error instanceof Error)) throw error;
  process.stderr.write(`s3r: error: ${error.message}\n`);
  process.exitCode = 2;
}
