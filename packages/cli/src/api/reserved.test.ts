/** What an API tells of itself and of us, and what other servers answer there. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ScriptedAnswer } from "../testing/start-redirector.ts";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";
import { fetchOfferedAudience, fetchWhoAmI } from "./reserved.ts";

const ME = {
  principal: { name: "ci", kind: "issuer", claims: { ref: "main" }, expiresAt: "2026-11-23T08:00:00.000Z" },
  statements: [{ id: "s", effect: "allow", actions: ["read"], keys: ["a/**"], limits: { maxBytes: 5 } }],
};

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

function json(body: unknown): ScriptedAnswer {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

describe("the audience", () => {
  it("is what /.s3r/ names, asked without credentials", async () => {
    test.api.answerNext(json({ service: "s3r", authentication: { required: true, audience: "https://a" } }));
    expect(await fetchOfferedAudience(test.client)).toBe("https://a");
    expect(test.api.seen[0]).toMatchObject({ method: "GET", target: "/.s3r/" });
    expect(test.api.seen[0]?.headers["authorization"]).toBeUndefined();
  });

  it.each<readonly [string, ScriptedAnswer]>([
    ["an API that names none", json({ authentication: { required: false } })],
    ["an audience that is no text", json({ authentication: { audience: 5 } })],
    ["a redirector", { status: 307, headers: { location: "https://store.example" } }],
    ["a server without that path", { status: 404, body: "not found" }],
    ["a web server", { status: 200, body: "<html>" }],
    ["a server that wants a token first", { status: 401 }],
  ])("is not named by %s", async (_, answer) => {
    test.api.answerNext(answer);
    expect(await fetchOfferedAudience(test.client)).toBeUndefined();
  });

  it.each([500, 503, 429])("is not taken for unnamed when the answer is %i: that may pass", async (status) => {
    test.api.answerNext({ status });
    await expect(fetchOfferedAudience(test.client)).rejects.toMatchObject({ code: "Unavailable", retry: {} });
  });
});

describe("whoami", () => {
  it("is who the API takes us for", async () => {
    test.api.answerNext(json({ ...ME, more: 1 }));
    expect(await fetchWhoAmI(test.client)).toEqual(ME);
    expect(test.api.seen[0]).toMatchObject({ target: "/.s3r/whoami", headers: { authorization: "Basic c2VjcmV0" } });
  });

  it("may be large, and of many alphabets", async () => {
    const claims = { name: "é日本".repeat(100_000) };
    test.api.answerNext(json({ ...ME, principal: { ...ME.principal, claims } }));
    expect((await fetchWhoAmI(test.client))?.principal.claims).toEqual(claims);
  });

  it.each([307, 302, 404, 405, 501])("is nothing where the answer is %i", async (status) => {
    test.api.answerNext({ status, headers: { location: "https://store.example" } });
    expect(await fetchWhoAmI(test.client)).toBeUndefined();
  });

  it.each<readonly [string, ScriptedAnswer, string]>([
    ["a refusal", { status: 401 }, "Unauthenticated"],
    ["a server in trouble", { status: 503 }, "Unavailable"],
    ["a portal", { status: 200, body: "<html>" }, "UnsafeServer"],
    ["another answer", json({ principal: { name: 5 } }), "UnsafeServer"],
    ["an end that is no date", json({ ...ME, principal: { ...ME.principal, expiresAt: "soon" } }), "UnsafeServer"],
  ])("is an error for %s", async (_, answer, code) => {
    test.api.answerNext(answer);
    await expect(fetchWhoAmI(test.client)).rejects.toMatchObject({ code });
  });
});
