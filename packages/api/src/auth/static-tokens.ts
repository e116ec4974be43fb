/** Tokens of which only the SHA-256 is known. */
import { hash, timingSafeEqual } from "node:crypto";
import type { StaticToken } from "./auth-config.ts";
import type { Principal } from "./principal.ts";
import { invalidToken } from "./unauthenticated.ts";

/**
 * A function from a token to whose it is.
 *
 * Every digest is compared, in constant time and without stopping at a match, so that the time tells neither how
 * close a guess was nor which token it was.
 *
 * @throws ProtocolError Unauthenticated when it is nobody's, or has expired.
 */
export function createStaticTokens(tokens: readonly StaticToken[], now: () => Date): (token: string) => Principal {
  const known = tokens.map((token) => ({ ...token, digest: Buffer.from(token.sha256, "hex") }));

  return function recognise(presented) {
    const digest = hash("sha256", presented, "buffer");
    const matches = known.filter((token) => timingSafeEqual(token.digest, digest));
    if (matches.length === 0) throw invalidToken("the token is not known here: it is mistyped, or has been removed");
    const time = now();
    const live = matches.find(({ expires }) => expires === undefined || expires > time);
    if (live === undefined) throw invalidToken("the token has expired: ask the API's operator for a new one");
    const { name, expires } = live;
    return { name, kind: "token", claims: {}, ...(expires === undefined ? {} : { expiresAt: expires }) };
  };
}
