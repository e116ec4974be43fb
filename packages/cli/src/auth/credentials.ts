/**
 * Who we are for the API, throughout a run. Where tokens come from is the sources' affair, how long they are kept
 * the keeper's, and who the API takes us for its own.
 */
import { CliError } from "../cli-error.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { createTokenKeeper, type TokenKeeper, type TokenKeeperOptions } from "./token-keeper.ts";
import type { Credential, Environment, TokenSource } from "./token-source.ts";

export interface CredentialsOptions extends TokenKeeperOptions {
  /** Asked once, when the first request needs it. */
  readonly findSource: () => Promise<TokenSource | undefined>;
  readonly env: Environment;
}

export interface Credentials {
  /** For one request; nothing for an anonymous run. @throws CliError of the source. */
  readonly credential: () => Promise<Credential | undefined>;
  /** The value of the Authorization header: a secret. */
  readonly authorization: () => Promise<string | undefined>;
  /**
   * Makes a request of the API that asks for `authorization` itself. A token that was accepted before and is refused
   * now is replaced once, if it can be; any other refusal comes back with the source's name.
   */
  readonly attempt: <Result>(request: () => Promise<Result>) => Promise<Result>;
}

interface Opened {
  readonly source: TokenSource;
  readonly keeper: TokenKeeper;
}

function isRefusal(error: unknown): error is CliError {
  return error instanceof CliError && error.code === "Unauthenticated";
}

export function createCredentials(options: CredentialsOptions): Credentials {
  const { findSource, env, trace } = options;
  let opening: Promise<Opened | undefined> | undefined;

  async function open(): Promise<Opened | undefined> {
    const source = await findSource();
    trace(source === undefined ? "no token: anonymous" : `token from ${source.name}`);
    return source && { source, keeper: createTokenKeeper(source, options) };
  }

  async function opened(): Promise<Opened | undefined> {
    opening ??= open();
    return await opening;
  }

  async function credential(): Promise<Credential | undefined> {
    return await (await opened())?.keeper.credential();
  }

  async function attempt<Result>(request: () => Promise<Result>, mayReplace = true): Promise<Result> {
    const used = await credential();
    const { source, keeper } = (await opened()) ?? {};
    try {
      const result = await request();
      if (used !== undefined) keeper?.accept(used);
      return result;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const isReplaced = mayReplace && used !== undefined && (await keeper?.replace(used)) === true;
      if (!isReplaced) throw explainRefusal(error, source, env);
    }
    return await attempt(request, false);
  }
  return {
    credential,
    authorization: async () => (await credential())?.authorization,
    attempt: (request) => attempt(request),
  };
}
