/** Where a token may come from, in their order: what was said for this run, then the environment, then what was stored. */
import { buildkite } from "./sources/buildkite.ts";
import { circleci } from "./sources/circleci.ts";
import { endpointUserinfo } from "./sources/endpoint-userinfo.ts";
import { githubActions } from "./sources/github-actions.ts";
import { gitlab } from "./sources/gitlab.ts";
import { storedLogin } from "./sources/stored-login.ts";
import { tokenFileOption } from "./sources/token-file-option.ts";
import { tokenFileVariable } from "./sources/token-file-variable.ts";
import { tokenVariable } from "./sources/token-variable.ts";
import type { SourceWorld, TokenSource } from "./token-source.ts";

type Find = (world: SourceWorld) => TokenSource | undefined | Promise<TokenSource | undefined>;

const ORDER: readonly Find[] = [
  tokenFileOption,
  endpointUserinfo,
  tokenFileVariable,
  tokenVariable,
  githubActions,
  gitlab,
  buildkite,
  circleci,
  storedLogin,
];

/** Those that are there, the one that is used first. None is asked for its token, and no later one is looked for than asked. */
export async function* findSources(world: SourceWorld): AsyncGenerator<TokenSource> {
  for (const find of ORDER) {
    const source = await find(world);
    if (source !== undefined) yield source;
  }
}
