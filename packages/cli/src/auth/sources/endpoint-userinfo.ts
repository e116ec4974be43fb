/** `https://user:password@…` as the endpoint: Basic (RFC 7617), of which the API takes the password for a token. */
import type { SourceWorld, TokenSource } from "../token-source.ts";

export function endpointUserinfo({ endpointAuthorization, now }: SourceWorld): TokenSource | undefined {
  if (endpointAuthorization === undefined) return undefined;
  return {
    id: "endpoint",
    name: "the endpoint's URL",
    canRefresh: false,
    remedy: "put credentials that this API takes into the endpoint, or leave them out",
    load: () => Promise.resolve({ authorization: endpointAuthorization, obtainedAt: now(), expiresAt: undefined }),
  };
}
