/** What transfers work with, made of a command's context. Loaded by the commands that need the network, when they do. */
import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "../api/ask.ts";
import { createResolve, type Resolve } from "../api/resolve.ts";
import { createSignBatch } from "../api/sign-batch.ts";
import { createDispatcher } from "../s3/dispatcher.ts";
import { createSend } from "../s3/send.ts";
import { stateDirectory } from "../state/state-directory.ts";
import { createLanes } from "../transfer/lanes.ts";
import { createRetryBudget } from "../transfer/retry-budget.ts";
import type { TransferWorld } from "../transfer/transfer-world.ts";
import type { CommandContext } from "./command.ts";
import { openCredentials, type OpenedCredentials } from "./open-credentials.ts";

export interface OpenedWorld extends AsyncDisposable, OpenedCredentials {
  readonly world: TransferWorld;
  readonly resolve: Resolve;
  /** For what the API itself is asked. */
  readonly client: ApiClient;
}

/** An answer to the head alone is one round trip away, and this is several. */
const PATIENCE_MILLISECONDS = 1000;

/** Enough for a network that gives each connection all it has; more are tried. */
const INITIAL_LANES = 8;
const MAXIMUM_LANES = 32;

function now(): Date {
  return new Date();
}

function httpsProxy(env: CommandContext["env"]): string | undefined {
  return env["https_proxy"] || env["HTTPS_PROXY"] || undefined;
}

/** For many small files: each lane waits for its answer most of the time, and there are too few bytes to learn from. */
export const MANY_LANES = MAXIMUM_LANES;

/**
 * @param bigRead only for a download whose target never holds it back.
 * @param lanesAtFirst how many work at first, unless `--concurrency` says so.
 */
export function openWorld(context: CommandContext, bigRead = false, lanesAtFirst = INITIAL_LANES): OpenedWorld {
  const { config, output, progress, signal, env } = context;
  const { endpoint, retries, concurrency } = config;
  const dispatcher = createDispatcher({ ...config, httpsProxy: httpsProxy(env) });
  // What the API says is kept, and what is read large must not be.
  const storeDispatcher = bigRead ? createDispatcher({ ...config, httpsProxy: httpsProxy(env), bigRead }) : dispatcher;
  const trace = (line: string): void => output.trace(line);
  const anonymous = { endpoint, dispatcher, now, signal, trace };
  const { credentials, sources } = openCredentials(context, anonymous);
  const client = { ...anonymous, authorization: credentials.authorization };
  const resolveOnce = createResolve(client);
  const resolve: Resolve = (operation, announced) => credentials.attempt(() => resolveOnce(operation, announced));
  const signBatchOnce = createSignBatch(client);
  const lanes = createLanes({
    initial: concurrency ?? lanesAtFirst,
    maximum: concurrency ?? MAXIMUM_LANES,
    now: () => performance.now(),
  });
  const send = createSend({ dispatcher: storeDispatcher, signal, trace });
  const sleep = async (milliseconds: number): Promise<void> => {
    // An abort ends the wait; what it means is said where the attempt is made.
    await delay(milliseconds, undefined, { signal }).catch(() => {});
  };
  const retry = { retries, budget: createRetryBudget(), random: Math.random, sleep, signal, trace };
  return {
    world: {
      endpoint,
      stateDirectory: stateDirectory(env),
      resolve,
      signBatch: (questions) => credentials.attempt(() => signBatchOnce(questions)),
      send,
      retry,
      lanes,
      progress,
      now,
      patienceMilliseconds: PATIENCE_MILLISECONDS,
    },
    resolve,
    client,
    credentials,
    sources,
    async [Symbol.asyncDispose]() {
      // Not `close`: it would wait for what an abort has left half-done.
      await dispatcher.destroy();
      await storeDispatcher.destroy();
    },
  };
}
