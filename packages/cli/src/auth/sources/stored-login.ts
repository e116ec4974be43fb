/** What `s3r login` has stored for this endpoint, and for no other. */
import { CliError } from "../../cli-error.ts";
import { bearerCredential } from "../bearer-credential.ts";
import { readLogins } from "../stored-logins.ts";
import type { SourceWorld, TokenSource } from "../token-source.ts";

const NAME = "s3r login";

function source(load: TokenSource["load"]): TokenSource {
  return { id: "login", name: NAME, canRefresh: false, remedy: "log in again: s3r login", load };
}

/** A file that is refused is a source too: only whoever needs it has to hear of it. */
export async function storedLogin({ loginsPath, endpoint, now }: SourceWorld): Promise<TokenSource | undefined> {
  try {
    const token = (await readLogins(loginsPath)).get(endpoint.href)?.token;
    if (token === undefined) return undefined;
    return source(async () => await Promise.resolve(bearerCredential(token, { name: NAME, now: now() })));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return source(() => Promise.reject(error));
  }
}
