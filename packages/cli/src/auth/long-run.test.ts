/** A long run against a real API and a real issuer of tokens, with a clock that the test turns. */
import type { Operation } from "@s3r/shared";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createResolve, type Resolve } from "../api/resolve.ts";
import { NOW, sourceWorld } from "../testing/source-world.ts";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";
import { startTokenEndpoint, type TokenEndpoint } from "../testing/start-token-endpoint.ts";
import { createCredentials } from "./credentials.ts";
import { githubActions } from "./sources/github-actions.ts";

const GET: Operation = { name: "GetObject", key: "k", query: {} };
const LIFE_SECONDS = 300;

let test: TestWorld;
let github: TokenEndpoint;
let now: number;
let resolve: Resolve;

beforeEach(async () => {
  test = await startTestWorld();
  github = await startTokenEndpoint();
  // The runner's clock is an hour ahead of ours.
  const issuedAt = NOW.getTime() / 1000 + 3600;
  github.claims = { iat: issuedAt, exp: issuedAt + LIFE_SECONDS };
  now = NOW.getTime();
  const clock = { now: () => new Date(now), trace: () => {} };
  const source = githubActions(sourceWorld({ env: github.env, dispatcher: test.client.dispatcher, now: clock.now }));
  const credentials = createCredentials({ ...clock, env: {}, findSource: () => Promise.resolve(source) });
  const once = createResolve({ ...test.client, authorization: credentials.authorization });
  resolve = (operation, announced) => credentials.attempt(() => once(operation, announced));
});

afterEach(async () => {
  await github[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
});

/** Which of the issued tokens the API has seen, one for each request. */
function seenTokens(): readonly number[] {
  return test.api.seen.map(({ headers }) => github.issued.indexOf(headers["authorization"]?.slice(7) ?? ""));
}

describe("a long run", () => {
  it("D14: gets a new token a minute before the old one ends, whatever this machine's clock says", async () => {
    for (const seconds of [0, 239, 241, 479, 482]) {
      now = NOW.getTime() + seconds * 1000;
      await resolve(GET);
    }
    expect(seenTokens()).toEqual([0, 0, 1, 1, 2]);
  });

  it("shares a new token among all requests that are under way", async () => {
    await resolve(GET);
    now += LIFE_SECONDS * 1000;
    await Promise.all(Array.from({ length: 16 }, () => resolve(GET)));
    expect(seenTokens()).toEqual([0, ...Array.from({ length: 16 }, () => 1)]);
  });

  it("D47: survives a token that the API no longer takes, and asks for one other, not for more", async () => {
    await resolve(GET);
    test.api.answerNext({ status: 401 });
    await resolve(GET);
    expect(seenTokens()).toEqual([0, 0, 1]);
    test.api.answerNext({ status: 401 }, { status: 401 });
    await expect(resolve(GET)).rejects.toMatchObject({
      code: "Unauthenticated",
      reason: expect.stringContaining("(token from GitHub Actions)"),
    });
    expect(github.issued).toHaveLength(3);
  });

  it("goes on with the old token while the issuer is down, as long as that is good", async () => {
    await resolve(GET);
    now += (LIFE_SECONDS - 10) * 1000;
    github.answerNext(...Array.from({ length: 4 }, () => ({ status: 503 })));
    await resolve(GET);
    expect(seenTokens()).toEqual([0, 0]);
  });
});
