/** What the API tells of itself and of us, under `/.s3r/`. A bare redirector has none of it. */
import type { WhoAmI } from "@s3r/shared";
import * as v from "valibot";
import { CliError } from "../cli-error.ts";
import { toApiError, type ApiAnswer } from "./api-error.ts";
import { ask, type ApiClient } from "./ask.ts";

/** A policy of many statements, each with its claims filled in. */
const MAX_ANSWER_CHARACTERS = 8 * 1024 ** 2;

const capabilitiesSchema = v.object({ authentication: v.object({ audience: v.optional(v.string()) }) });

const whoAmISchema = v.object({
  principal: v.object({
    name: v.string(),
    kind: v.picklist(["anonymous", "token", "issuer", "gateway"]),
    claims: v.record(v.string(), v.string()),
    expiresAt: v.exactOptional(v.pipe(v.string(), v.isoTimestamp())),
  }),
  statements: v.array(
    v.object({
      id: v.string(),
      effect: v.picklist(["allow", "deny"]),
      actions: v.array(v.picklist(["read", "write", "delete", "list"])),
      keys: v.array(v.string()),
      limits: v.record(v.string(), v.unknown()),
    }),
  ),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function get(path: string, client: ApiClient): Promise<ApiAnswer> {
  return await ask({ method: "GET", path, maximumCharacters: MAX_ANSWER_CHARACTERS }, client);
}

/** A redirector takes the path for a key, a web server for a page that it does not have. */
function isMissing({ status }: ApiAnswer): boolean {
  return (status >= 300 && status < 400) || status === 404 || status === 405 || status === 501;
}

/**
 * The audience that `GET /.s3r/` names, asked without credentials; nothing where there is no such path, or it names none.
 * @throws CliError Unavailable: what cannot be answered now is not taken for a no.
 */
export async function fetchOfferedAudience(client: Omit<ApiClient, "authorization">): Promise<string | undefined> {
  const answer = await get(".s3r/", { ...client, authorization: () => Promise.resolve(undefined) });
  if (answer.status >= 500 || answer.status === 429) throw toApiError(answer, "GET /.s3r/", client.now());
  const parsed = v.safeParse(capabilitiesSchema, answer.status === 200 ? parseJson(answer.body) : undefined);
  return parsed.success ? parsed.output.authentication.audience : undefined;
}

/**
 * Who the API takes us for; nothing where it does not say, as a bare redirector.
 * @throws CliError Unauthenticated for a token that it refuses.
 */
export async function fetchWhoAmI(client: ApiClient): Promise<WhoAmI | undefined> {
  const answer = await get(".s3r/whoami", client);
  if (isMissing(answer)) return undefined;
  if (answer.status !== 200) throw toApiError(answer, "GET /.s3r/whoami", client.now());
  const parsed = v.safeParse(whoAmISchema, parseJson(answer.body));
  if (parsed.success) return parsed.output;
  throw new CliError("UnsafeServer", "the API's word on who we are cannot be understood", {
    reason: v.getDotPath(parsed.issues[0]) ?? "it is no JSON object",
    hint: "check the endpoint: this does not look like an s3r API of this version",
  });
}
