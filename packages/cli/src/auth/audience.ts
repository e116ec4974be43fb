/**
 * Whom a token is asked for. An API could name another service as its audience, and would be handed a token that
 * is valid there: so it is believed only when it names itself.
 */
import { CliError } from "../cli-error.ts";
import { isLoopbackHost } from "../loopback-host.ts";

export interface AudienceQuestion {
  readonly endpoint: URL;
  /** Of `--audience` or S3R_AUDIENCE: the user's word, which settles it. */
  readonly confirmed: string | undefined;
  /** What the API's `/.s3r/` names, if there is one and it names any. */
  readonly askApi: () => Promise<string | undefined>;
}

const MAX_SHOWN_CHARACTERS = 200;

/** Text against text: a parser would forgive what the verifier at the other end, who compares, does not. */
function isOwn(audience: string, { protocol, hostname, origin }: URL): boolean {
  const isSafe = protocol === "https:" || isLoopbackHost(hostname);
  return isSafe && (audience === origin || audience.startsWith(`${origin}/`)) && /^[\x21-\x7e]+$/u.test(audience);
}

/** Only what can be pasted into a shell as it is. */
function pasteable(audience: string): string {
  return /^[\w.:/@%+-]{1,200}$/u.test(audience) ? audience : "AUDIENCE";
}

function foreign(audience: string, { origin }: URL): CliError {
  return new CliError("UnsafeServer", "the API asks for a token that may be meant for another service", {
    reason: `it names the audience ${JSON.stringify(audience.slice(0, MAX_SHOWN_CHARACTERS))}, and is believed only when it names itself (${origin}): whoever gets a token can use it wherever its audience is accepted`,
    hint: `if you know that this API's audience is that, say so: --audience ${pasteable(audience)}, or S3R_AUDIENCE`,
  });
}

async function choose({ endpoint, confirmed, askApi }: AudienceQuestion): Promise<string> {
  if (confirmed !== undefined) return confirmed;
  const named = (await askApi()) ?? endpoint.origin;
  if (!isOwn(named, endpoint)) throw foreign(named, endpoint);
  return named;
}

/**
 * Asks the API only when a source wants to know, and once: the answer stays for the run.
 * @returns a function that throws CliError UnsafeServer for an audience that is not the endpoint's own and that nobody has confirmed.
 */
export function createAudience(question: AudienceQuestion): () => Promise<string> {
  let chosen: string | undefined;
  return async function audience() {
    chosen ??= await choose(question);
    return chosen;
  };
}
