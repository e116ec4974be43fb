/** For tests: the API on a free loopback port, signing for a bucket that nobody serves. */
import { closeServer } from "../adapters/close-server.ts";
import { listen } from "../adapters/listen.ts";
import { createNodeServer } from "../adapters/node.ts";
import { createApp, type AppOptions } from "../app.ts";
import { createAuthenticate } from "../auth/authenticate.ts";
import { OPEN_POLICY } from "../policy/open-policy.ts";

export interface RunningApi extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** What the API told its operator. */
  readonly errors: readonly unknown[];
}

export const TEST_APP_OPTIONS: AppOptions = {
  bucket: { name: "artifacts", region: "eu-central-1", forcePathStyle: false, keyPrefix: "" },
  credentials: () => Promise.resolve({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" }),
  policy: OPEN_POLICY,
  authenticate: createAuthenticate({ config: OPEN_POLICY.auth, now: () => new Date(), fetch }),
  expiresIn: 300,
  corsOrigins: [],
  now: () => new Date(),
  onError: () => {},
  onAccess: () => {},
};

export async function startApi(options: Partial<AppOptions> = {}): Promise<RunningApi> {
  const errors: unknown[] = [];
  const app = createApp({ ...TEST_APP_OPTIONS, onError: (error) => void errors.push(error), ...options });
  const server = createNodeServer(app, { onCrash: (error) => void errors.push(error) });
  const port = await listen(server, 0, "127.0.0.1");
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    errors,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await closeServer(server);
    },
  };
}
