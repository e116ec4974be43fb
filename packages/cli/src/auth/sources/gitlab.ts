/**
 * GitLab: `id_tokens: { S3R_ID_TOKEN: { aud: … } }` of the job puts a token into that variable, one for the whole job.
 * https://docs.gitlab.com/ci/secrets/id_token_authentication/
 */
import { bearerCredential } from "../bearer-credential.ts";
import type { SourceWorld, TokenSource } from "../token-source.ts";

const VARIABLE = "S3R_ID_TOKEN";
const NAME = `GitLab (${VARIABLE})`;

export function gitlab({ env, now }: SourceWorld): TokenSource | undefined {
  const token = env[VARIABLE];
  if (token === undefined) return undefined;
  return {
    id: "gitlab",
    name: NAME,
    canRefresh: false,
    remedy: `look at \`id_tokens\` of the job: its \`aud\` must be this API's audience, and it lives as long as the job's \`timeout\`, or 5 minutes`,
    load: async () => await Promise.resolve(bearerCredential(token, { name: NAME, now: now() })),
  };
}
