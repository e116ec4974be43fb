/** Who a command is for the API, made of its context. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "../api/ask.ts";
import { createAudience } from "../auth/audience.ts";
import { createCredentials, type Credentials } from "../auth/credentials.ts";
import { findSources } from "../auth/find-sources.ts";
import type { SourceWorld, TokenSource } from "../auth/token-source.ts";
import { userDirectory } from "../user-directory.ts";
import type { CommandContext } from "./command.ts";

export interface OpenedCredentials {
  readonly credentials: Credentials;
  /** All that are there, in their order; the first is used. */
  readonly sources: () => AsyncIterable<TokenSource>;
}

export function loginsPath(env: CommandContext["env"]): string {
  return join(userDirectory(env), "credentials.json");
}

export function openCredentials(
  context: CommandContext,
  anonymous: Omit<ApiClient, "authorization">,
): OpenedCredentials {
  const { config, env, signal } = context;
  const { endpoint, audience: confirmed } = config;
  const { dispatcher, now, trace } = anonymous;
  // Most runs need neither.
  const askApi = async (): Promise<string | undefined> =>
    await (await import("../api/reserved.ts")).fetchOfferedAudience(anonymous);
  const readStdin = async (): Promise<string> => await (await import("./read-stdin-token.ts")).readStdinToken(context);
  const world: SourceWorld = {
    env,
    endpoint,
    endpointAuthorization: config.authorization,
    tokenFile: config.tokenFile,
    loginsPath: loginsPath(env),
    audience: createAudience({ endpoint, confirmed, askApi }),
    confirmedAudience: confirmed,
    readStdin,
    dispatcher,
    now,
    async sleep(milliseconds) {
      await delay(milliseconds, undefined, { signal }).catch(() => {});
      signal.throwIfAborted();
    },
    signal,
  };
  const sources = (): AsyncIterable<TokenSource> => findSources(world);
  const findSource = async (): Promise<TokenSource | undefined> => {
    for await (const source of sources()) return source;
    return undefined;
  };
  return { credentials: createCredentials({ findSource, env, now, trace }), sources };
}
