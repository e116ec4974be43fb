/**
 * CircleCI: its command makes a token for any audience; the variable's has the organisation's id as its audience.
 * https://circleci.com/docs/oidc-tokens-with-custom-claims/
 */
import { CliError } from "../../cli-error.ts";
import { bearerCredential } from "../bearer-credential.ts";
import { findExecutable } from "../find-executable.ts";
import { readJwtClaims } from "../jwt-claims.ts";
import { runTokenCommand } from "../run-token-command.ts";
import type { SourceWorld, TokenSource } from "../token-source.ts";

const NAME = "CircleCI";
const VARIABLE = "CIRCLE_OIDC_TOKEN_V2";

function fromCommand(path: string, world: SourceWorld): TokenSource {
  const { audience, now } = world;
  return {
    id: "circleci",
    name: NAME,
    canRefresh: true,
    remedy: "the API's policy must take CircleCI's tokens for its audience, and this project",
    async load() {
      const args = ["run", "oidc", "get", "--claims", JSON.stringify({ aud: await audience() })];
      const token = await runTokenCommand({ name: NAME, path, args }, world);
      return bearerCredential(token, { name: NAME, now: now(), isFresh: true });
    },
  };
}

/**
 * The organisation's id is what CircleCI's own guides tell AWS and others to accept: with that token whoever runs
 * the API could be this job there.
 */
function assertMeant(token: string, confirmed: string | undefined): void {
  if (confirmed !== undefined && readJwtClaims(token).audience.includes(confirmed)) return;
  throw new CliError("Unauthenticated", `the token in ${VARIABLE} may be meant for other services`, {
    reason: "its audience is the organisation's id, which others accept too, and the API could use it there",
    hint: "have `circleci` on PATH, which makes a token for this API alone; or give the organisation's id as S3R_AUDIENCE",
  });
}

function fromVariable(token: string, { confirmedAudience, now }: SourceWorld): TokenSource {
  const name = `${NAME} (${VARIABLE})`;
  return {
    id: "circleci",
    name,
    canRefresh: false,
    remedy: "the API's policy must take CircleCI's tokens for the organisation's id, and this project",
    load: async () => {
      assertMeant(token, confirmedAudience);
      return await Promise.resolve(bearerCredential(token, { name, now: now() }));
    },
  };
}

export async function circleci(world: SourceWorld): Promise<TokenSource | undefined> {
  const { env } = world;
  if (env["CIRCLECI"] !== "true") return undefined;
  const path = await findExecutable("circleci", env);
  if (path !== undefined) return fromCommand(path, world);
  const token = env[VARIABLE];
  return token === undefined || token === "" ? undefined : fromVariable(token, world);
}
