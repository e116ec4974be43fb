/**
 * S3R_TOKEN. An empty one is an error and not the next source: it is what CI systems make of a secret that is
 * not there, and nobody wants to be somebody else then.
 */
import { bearerCredential } from "../bearer-credential.ts";
import type { SourceWorld, TokenSource } from "../token-source.ts";

const NAME = "S3R_TOKEN";

export function tokenVariable({ env, now }: SourceWorld): TokenSource | undefined {
  const token = env[NAME];
  if (token === undefined) return undefined;
  return {
    id: "s3r-token",
    name: NAME,
    canRefresh: false,
    remedy: `set ${NAME} to a token that this API takes`,
    load: async () => await Promise.resolve(bearerCredential(token, { name: NAME, now: now() })),
  };
}
