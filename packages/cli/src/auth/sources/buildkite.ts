/** Buildkite: the agent asks for a token. https://buildkite.com/docs/agent/v3/cli-oidc */
import { bearerCredential } from "../bearer-credential.ts";
import { findExecutable } from "../find-executable.ts";
import { runTokenCommand } from "../run-token-command.ts";
import type { SourceWorld, TokenSource } from "../token-source.ts";

const NAME = "Buildkite";

export async function buildkite(world: SourceWorld): Promise<TokenSource | undefined> {
  const { env, audience, now } = world;
  if (env["BUILDKITE"] !== "true") return undefined;
  const path = await findExecutable("buildkite-agent", env);
  if (path === undefined) return undefined;
  return {
    id: "buildkite",
    name: NAME,
    canRefresh: true,
    remedy: "the API's policy must take Buildkite's tokens for its audience, and this pipeline",
    async load() {
      const args = ["oidc", "request-token", "--audience", await audience()];
      const token = await runTokenCommand({ name: NAME, path, args }, world);
      return bearerCredential(token, { name: NAME, now: now(), isFresh: true });
    },
  };
}
