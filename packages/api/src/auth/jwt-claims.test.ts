import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createJwtVerifier } from "./jwt.ts";
import type { Principal } from "./principal.ts";
import { createClock } from "./testing/create-clock.ts";
import { expectUnauthenticated } from "./testing/expect-refusal.ts";
import { startIssuer, type RunningIssuer } from "./testing/start-issuer.ts";
import { trustTestAuthority } from "./testing/trust-authority.ts";

const AUDIENCE = "https://api.example";
const clock = createClock();
const NOW = clock.now().getTime() / 1000;

let github: RunningIssuer;
let verify: (token: string) => Promise<Principal>;

function verifierFor(...audiences: readonly string[]): typeof verify {
  const issuer = { name: "github", issuer: github.url, audiences, algorithms: ["RS256"], maxTokenAge: 900 };
  return createJwtVerifier({ issuers: [issuer], now: clock.now, fetch });
}

beforeAll(async () => {
  trustTestAuthority();
  github = await startIssuer({ audience: AUDIENCE, now: clock.now });
  verify = verifierFor(AUDIENCE);
});

afterAll(async () => {
  await github[Symbol.asyncDispose]();
});

describe("the audience", () => {
  it.each([
    "https://other.example",
    `${AUDIENCE}/`,
    "",
    [],
    [AUDIENCE, "https://other.example"],
    ["https://other.example"],
    [[AUDIENCE]],
    [AUDIENCE, 5],
    { 0: AUDIENCE },
    5,
    null,
    undefined,
  ])("C6: is not %j", async (aud) => {
    await expectUnauthenticated(() => verify(github.sign({ aud })), /audience|lacks a claim/u);
  });

  it("C6: may be a list of audiences that are all this API's", async () => {
    const two = verifierFor(AUDIENCE, "s3r");
    for (const aud of [AUDIENCE, "s3r", [AUDIENCE], ["s3r", AUDIENCE]]) {
      expect(await two(github.sign({ aud }))).toMatchObject({ claims: { aud } });
    }
    await expectUnauthenticated(() => two(github.sign({ aud: ["s3r", AUDIENCE, "x"] })), /audience/u);
  });
});

describe("time", () => {
  it.each<[string, Record<string, unknown>]>([
    ["it expired 59 s ago", { iat: NOW - 300, exp: NOW - 59 }],
    ["it was issued 60 s from now", { iat: NOW + 60, exp: NOW + 300 }],
    ["it is valid in 60 s", { nbf: NOW + 60 }],
    ["it is as old as tokens may be, and 60 s", { iat: NOW - 960, exp: NOW - 1 }],
    ["it lives as long as tokens may, and 60 s", { exp: NOW + 960 }],
    ["it has fractions of a second", { iat: NOW - 0.5, exp: NOW + 0.5, nbf: NOW - 0.5 }],
  ])("C7: forgives a clock when %s", async (_name, claims) => {
    expect(await verify(github.sign(claims))).toMatchObject({ name: "github" });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ["it expired 60 s ago", { iat: NOW - 300, exp: NOW - 60 }, /has expired/u],
    ["it expired before it was issued", { iat: NOW, exp: NOW - 300 }, /has expired/u],
    ["it was issued 61 s from now", { iat: NOW + 61, exp: NOW + 300 }, /\(iat\) is in the future/u],
    ["it is valid in 61 s", { nbf: NOW + 61 }, /not valid yet/u],
    ["it is too old", { iat: NOW - 961, exp: NOW + 300 }, /too long ago/u],
    ["it lives for 961 s", { exp: NOW + 961 }, /lives longer/u],
    ["it lives for 24 h", { exp: NOW + 86_400 }, /lives longer/u],
    ["it lives for ever", { exp: 1e300 }, /lives longer/u],
    ["it has no exp", { exp: undefined }, /lacks a claim/u],
    ["it has no iat", { iat: undefined }, /lacks a claim/u],
    ["its exp is text", { exp: String(NOW + 300) }, /\(exp\) must be a number/u],
    ["its exp is null", { exp: null }, /\(exp\) must be a number/u],
    ["its iat is text", { iat: String(NOW) }, /\(iat\)/u],
    ["its iat is a list", { iat: [NOW] }, /\(iat\)/u],
    ["its nbf is text", { nbf: String(NOW) }, /\(nbf\)/u],
    ["its nbf is null", { nbf: null }, /\(nbf\)/u],
  ])("C7: has run out, or not begun, when %s", async (_name, claims, reason) => {
    await expectUnauthenticated(() => verify(github.sign(claims)), reason);
  });
});
