/** The doubles and what a transfer works with, wired together as the commands do it, but for the clock. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiClient } from "../api/ask.ts";
import { createResolve } from "../api/resolve.ts";
import { createSignBatch } from "../api/sign-batch.ts";
import { createDispatcher } from "../s3/dispatcher.ts";
import { createSend } from "../s3/send.ts";
import { noProgress } from "../transfer/progress.ts";
import { createLanes } from "../transfer/lanes.ts";
import { createRetryBudget } from "../transfer/retry-budget.ts";
import type { TransferWorld } from "../transfer/transfer-world.ts";
import { startRedirector, type Redirector } from "./start-redirector.ts";
import { startStore, type Store } from "./start-store.ts";

export interface TestWorld extends AsyncDisposable {
  readonly world: TransferWorld;
  readonly client: ApiClient;
  readonly api: Redirector;
  readonly store: Store;
  /** Removed in the end. */
  readonly directory: string;
  /** What was waited for between attempts, in milliseconds. */
  readonly waits: readonly number[];
  readonly traced: readonly string[];
  readonly interruption: AbortController;
}

export interface TestWorldOptions {
  /** The API signs `host` and nothing else. */
  readonly bare?: boolean;
  readonly retries?: number;
  readonly timeoutMilliseconds?: number;
  /** As `s3r get` reads for a file. */
  readonly bigRead?: boolean;
}

/** Not random, so that waits can be expected. */
const HALF = 0.5;

function now(): Date {
  return new Date();
}

async function authorization(): Promise<string> {
  return await Promise.resolve("Basic c2VjcmV0");
}

export async function startTestWorld(options: TestWorldOptions = {}): Promise<TestWorld> {
  const { bare = false, retries = 5, timeoutMilliseconds = 10_000, bigRead = false } = options;
  const store = await startStore();
  const api = await startRedirector({ storePort: store.port, bare });
  const directory = await mkdtemp(join(tmpdir(), "s3r-cli-"));
  const waits: number[] = [];
  const traced: string[] = [];
  const interruption = new AbortController();
  const { signal } = interruption;
  const trace = (line: string): void => void traced.push(line);
  const dispatcher = createDispatcher({ connectTimeoutMilliseconds: 5000, timeoutMilliseconds });
  const storeDispatcher = createDispatcher({ connectTimeoutMilliseconds: 5000, timeoutMilliseconds, bigRead });
  const client: ApiClient = { endpoint: api.endpoint, authorization, dispatcher, now, signal, trace };
  const sleep = (milliseconds: number): Promise<void> => {
    waits.push(milliseconds);
    return Promise.resolve();
  };
  const retry = { retries, budget: createRetryBudget(), random: () => HALF, sleep, signal, trace };
  return {
    world: {
      endpoint: api.endpoint,
      stateDirectory: join(directory, "state"),
      resolve: createResolve(client),
      signBatch: createSignBatch(client),
      send: createSend({ dispatcher: storeDispatcher, signal, trace }),
      retry,
      lanes: createLanes({ initial: 4, maximum: 4, now: () => performance.now() }),
      progress: noProgress,
      now,
      patienceMilliseconds: 100,
    },
    client,
    api,
    store,
    directory,
    waits,
    traced,
    interruption,
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy();
      await storeDispatcher.destroy();
      await api[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}
