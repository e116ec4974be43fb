/** GitHub's token endpoint, on a real socket. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sourceWorld } from "../../testing/source-world.ts";
import { startTokenEndpoint, type TokenEndpoint } from "../../testing/start-token-endpoint.ts";
import { textOf } from "../../testing/thrown-by.ts";
import type { Credential, SourceWorld } from "../token-source.ts";
import { githubActions } from "./github-actions.ts";

let endpoint: TokenEndpoint;
let world: SourceWorld;
let waits: number[];
let interruption: AbortController;

beforeEach(async () => {
  endpoint = await startTokenEndpoint();
  waits = [];
  interruption = new AbortController();
  world = sourceWorld({
    env: endpoint.env,
    signal: interruption.signal,
    sleep: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  });
});

afterEach(async () => {
  await world.dispatcher.destroy();
  await endpoint[Symbol.asyncDispose]();
});

async function load(parts: Partial<SourceWorld> = {}): Promise<Credential | undefined> {
  return await githubActions({ ...world, ...parts })?.load();
}

describe("GitHub Actions", () => {
  it("is asked for a token for the audience, with the job's secret", async () => {
    const credential = await load({ audience: () => Promise.resolve("https://files.example/a b?c&d") });
    expect(credential?.authorization).toBe(`Bearer ${endpoint.issued[0]}`);
    expect(endpoint.seen[0]).toMatchObject({
      method: "GET",
      target: "/token?api-version=2.0&audience=https%3A%2F%2Ffiles.example%2Fa%20b%3Fc%26d",
      headers: { authorization: "Bearer t0p-s3cret-of-the-job" },
    });
  });

  it.each([500, 502, 503, 429])("is asked again after %i, a little later each time", async (status) => {
    endpoint.answerNext({ status }, { status });
    expect((await load())?.authorization).toBe(`Bearer ${endpoint.issued[0]}`);
    expect(waits).toEqual([500, 1000]);
  });

  it("is given up when it fails four times", async () => {
    endpoint.answerNext(...Array.from({ length: 4 }, () => ({ status: 503 })));
    await expect(load()).rejects.toMatchObject({ code: "Unavailable", exitCode: 7 });
    expect(endpoint.seen).toHaveLength(4);
  });

  it("is asked again when it cannot be reached", async () => {
    const env = { ...endpoint.env, ACTIONS_ID_TOKEN_REQUEST_URL: "http://127.0.0.1:1/?a" };
    await expect(load({ env })).rejects.toMatchObject({ code: "Unavailable" });
    expect(waits).toHaveLength(3);
  });

  it.each<readonly [string, number, string]>([
    ["a refusal", 403, "t0p-s3cret"],
    ["a redirect, which is not followed", 302, ""],
    ["what is no JSON", 200, "t0p-s3cret"],
    ["JSON of another kind", 200, '["t0p-s3cret"]'],
    ["no value", 200, '{"value":null}'],
    ["an answer without an end", 200, `"${"t0p-s3cret".repeat(20_000)}"`],
  ])("that answers with %s gives no token, and its answer is not shown", async (_, status, body) => {
    endpoint.answerNext({ status, body, headers: { location: "http://127.0.0.1:1/" } });
    const error = await load().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "Unauthenticated", exitCode: 4 });
    expect(textOf(error)).not.toContain("t0p-s3cret");
    expect(endpoint.seen).toHaveLength(1);
  });

  it.each(["http://runner.example/?a", "ftp://127.0.0.1/", "nonsense", "http://127.0.0.1.example/"])(
    "is not asked at %s: the secret would go there in the clear",
    async (url) => {
      const env = { ...endpoint.env, ACTIONS_ID_TOKEN_REQUEST_URL: url };
      await expect(load({ env })).rejects.toMatchObject({ code: "UnsafeServer", exitCode: 11 });
    },
  );

  it("is not waited for after an interruption", async () => {
    interruption.abort(new Error("interrupted"));
    await expect(load()).rejects.toThrow("interrupted");
  });
});
