/**
 * GitHub Actions: a job with `permissions: id-token: write` is told of a URL that issues tokens (actions/toolkit,
 * packages/core/src/oidc-utils.ts).
 */
import { CliError } from "../../cli-error.ts";
import { isLoopbackHost } from "../../loopback-host.ts";
import { toNetworkError } from "../../network-error.ts";
import { bearerCredential } from "../bearer-credential.ts";
import type { SourceWorld, TokenSource } from "../token-source.ts";

const NAME = "GitHub Actions";
const URL_VARIABLE = "ACTIONS_ID_TOKEN_REQUEST_URL";
const SECRET_VARIABLE = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/** Waits before the second attempt and those after it, in milliseconds. */
const WAITS = [500, 1000, 2000];
const MAX_ANSWER_CHARACTERS = 64 * 1024;

function noToken(reason: string): CliError {
  return new CliError("Unauthenticated", `${NAME} gave no token`, {
    reason,
    hint: "look at the job's `permissions` and at GitHub's status, or give a token in S3R_TOKEN_FILE or S3R_TOKEN",
  });
}

/** It holds no secret, but what follows is sent with one. */
function parseRequestUrl(text: string, audience: string): URL {
  const url = URL.parse(`${text}${text.includes("?") ? "&" : "?"}audience=${encodeURIComponent(audience)}`);
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopbackHost(url.hostname));
  if (url !== null && isSafe) return url;
  throw new CliError("UnsafeServer", `${URL_VARIABLE} is no https URL`, {
    reason: "the job's secret would go there in the clear",
    hint: "the runner sets it: do not set it yourself",
  });
}

function parseValue(body: string): string {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer === "object" && answer !== null && "value" in answer && typeof answer.value === "string")
      return answer.value;
  } catch {
    // Told below: the error of JSON.parse would quote the body.
  }
  throw noToken("its answer holds none");
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER_CHARACTERS) throw noToken("its answer is too long");
  }
  return text;
}

async function requestOnce(url: URL, secret: string, { dispatcher, signal }: SourceWorld): Promise<string> {
  try {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: "GET",
      headers: { authorization: `Bearer ${secret}`, accept: "application/json" },
      signal,
    });
    const body = await readText(answer.body);
    if (answer.statusCode === 200) return parseValue(body);
    const reason = `${url.host} answered ${answer.statusCode}`;
    if (answer.statusCode < 500 && answer.statusCode !== 429) throw noToken(reason);
    throw new CliError("Unavailable", `${NAME} gave no token`, {
      reason,
      hint: "try again later",
      retry: { reason: "transient" },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw toNetworkError(error, url.host);
  }
}

/** Tried here: what is tried again elsewhere is a transfer, which need not begin anew for it. */
async function request(url: URL, secret: string, world: SourceWorld): Promise<string> {
  for (const wait of WAITS) {
    try {
      return await requestOnce(url, secret, world);
    } catch (error) {
      if (!(error instanceof CliError) || error.retry === undefined) throw error;
      await world.sleep(wait);
    }
  }
  return await requestOnce(url, secret, world);
}

export function githubActions(world: SourceWorld): TokenSource | undefined {
  const { env, audience, now } = world;
  const [url, secret] = [env[URL_VARIABLE], env[SECRET_VARIABLE]];
  if (url === undefined || url === "" || secret === undefined || secret === "") return undefined;
  return {
    id: "github-actions",
    name: NAME,
    canRefresh: true,
    remedy: "the API's policy must take GitHub's tokens for its audience, and this repository",
    async load() {
      const token = await request(parseRequestUrl(url, await audience()), secret, world);
      return bearerCredential(token, { name: NAME, now: now(), isFresh: true });
    },
  };
}
