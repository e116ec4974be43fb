import { createHmac, createPublicKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Issuer } from "./auth-config.ts";
import { createJwtVerifier } from "./jwt.ts";
import type { Principal } from "./principal.ts";
import { createClock } from "./testing/create-clock.ts";
import { encodeJwt } from "./testing/encode-jwt.ts";
import { expectUnauthenticated, expectUnavailable } from "./testing/expect-refusal.ts";
import { createEcKey } from "./testing/signing-key.ts";
import { startIssuer, type RunningIssuer } from "./testing/start-issuer.ts";
import { trustTestAuthority } from "./testing/trust-authority.ts";

const AUDIENCE = "https://api.example";
const [clock, ecKey] = [createClock(), createEcKey()];
const NOW = clock.now().getTime() / 1000;

let github: RunningIssuer;
let gitlab: RunningIssuer;
/** Of every request that the API made. */
let fetched: string[];

const spy: typeof fetch = async (input, init) => {
  fetched.push(input instanceof Request ? input.url : String(input));
  return await fetch(input, init);
};

function configured(name: string, { url }: RunningIssuer, options: Partial<Issuer> = {}): Issuer {
  return { name, issuer: url, audiences: [AUDIENCE], algorithms: ["RS256"], maxTokenAge: 900, ...options };
}

let verify: (token: string) => Promise<Principal>;

function verifierOf(...issuers: readonly Issuer[]): typeof verify {
  return createJwtVerifier({ issuers, now: clock.now, fetch: spy });
}

beforeAll(async () => {
  trustTestAuthority();
  fetched = [];
  github = await startIssuer({ audience: AUDIENCE, now: clock.now });
  gitlab = await startIssuer({ audience: AUDIENCE, now: clock.now, key: ecKey });
  verify = verifierOf(configured("github", github), configured("gitlab", gitlab, { algorithms: ["ES256"] }));
});

afterAll(async () => {
  await github[Symbol.asyncDispose]();
  await gitlab[Symbol.asyncDispose]();
});

describe("a token of a configured issuer", () => {
  it("makes a principal of its claims, named as the issuer is", async () => {
    const claims = { repository_id: "42", repository_owner_id: "7", ref: "refs/heads/main", run_attempt: 1 };
    expect(await verify(github.sign(claims))).toEqual({
      name: "github",
      kind: "issuer",
      claims: { iss: github.url, aud: AUDIENCE, sub: "job", iat: NOW, exp: NOW + 300, ...claims },
      expiresAt: new Date((NOW + 300) * 1000),
    });
    expect(await verify(gitlab.sign())).toMatchObject({ name: "gitlab", claims: { iss: gitlab.url } });
  });

  it("is taken without a kid while the issuer has one key", async () => {
    expect(await verify(github.sign({}, { header: { kid: undefined } }))).toMatchObject({ name: "github" });
  });

  it("C10: is the same principal whatever form its sub has", async () => {
    for (const sub of ["repo:o/r:ref:refs/heads/main", "repo:o@1/r@2:ref:refs/heads/main"]) {
      expect(await verify(github.sign({ sub, repository_id: "2" }))).toMatchObject({
        name: "github",
        claims: { sub, repository_id: "2" },
      });
    }
  });

  it("is refused when another issuer's key signed it, or its payload was changed", async () => {
    await expectUnauthenticated(() => verify(github.sign({}, { key: ecKey })), /algorithm/u);
    const other = { ...github.key(), sign: gitlab.key().sign };
    await expectUnauthenticated(() => verify(github.sign({}, { key: other })), /signature/u);
    const [header, , signature] = github.sign().split(".");
    const [, payload] = github.sign({ repository_id: "1" }).split(".");
    await expectUnauthenticated(() => verify(`${header}.${payload}.${signature}`), /signature/u);
  });
});

describe("the signature's algorithm", () => {
  it.each(["none", "None", "NONE", "nOnE", "", "RS512", "ES256", "rs256", "RS256 ", 5, null, undefined, ["RS256"]])(
    "C2: is not %j",
    async (alg) => {
      await expectUnauthenticated(() => verify(github.sign({}, { header: { alg } })), /algorithm|well-formed/u);
    },
  );

  it("C2: cannot be missing its signature", async () => {
    const unsigned = { header: { alg: "none" }, payload: { iss: github.url, aud: AUDIENCE, iat: NOW, exp: NOW + 300 } };
    await expectUnauthenticated(() => verify(encodeJwt({ ...unsigned, sign: () => Buffer.from("x") })), /algorithm/u);
    await expectUnauthenticated(() => verify(encodeJwt(unsigned)));
    await expectUnauthenticated(() => verify(encodeJwt({ ...unsigned, header: { alg: "RS256" } })), /signature/u);
  });

  it.each<[string, (pem: string) => string | Buffer]>([
    ["its PEM", (pem) => pem],
    ["its PEM without the last line's end", (pem) => pem.trimEnd()],
    ["its PEM behind a space", (pem) => ` ${pem}`],
    ["its PEM with CRLF", (pem) => pem.replaceAll("\n", "\r\n")],
    ["its DER", (pem) => createPublicKey(pem).export({ format: "der", type: "spki" })],
    ["its PKCS #1 PEM", (pem) => createPublicKey(pem).export({ format: "pem", type: "pkcs1" })],
    ["its modulus", () => Buffer.from(github.key().jwk["n"] ?? "", "base64url")],
    ["its JWK", () => JSON.stringify(github.key().jwk)],
    ["nothing", () => ""],
  ])("C3: is not HS256 with %s as the secret, even where an operator allows that", async (_name, toSecret) => {
    const { publicPem, kid, jwk } = github.key();
    const key = { alg: "HS256", kid, jwk, publicPem, sign: hmac(toSecret(publicPem)) } as const;
    const confused = verifierOf(configured("github", github, { algorithms: ["RS256", "HS256"] }));
    await expectUnauthenticated(() => verify(github.sign({}, { key })), /algorithm/u);
    await expectUnauthenticated(() => confused(github.sign({}, { key })), /algorithm/u);
  });
});

function hmac(secret: string | Buffer): (input: string) => Uint8Array {
  return (input) => createHmac("sha256", secret).update(input).digest();
}

describe("the header", () => {
  it.each<[string, (evil: RunningIssuer) => unknown]>([
    ["jku", ({ jwksUri }) => jwksUri],
    ["x5u", ({ jwksUri }) => jwksUri],
    ["jwk", (evil) => evil.key().jwk],
    ["x5c", () => ["MIIB"]],
    ["crit", () => ["exp"]],
    ["crit", () => []],
    ["crit", () => null],
    ["kid", () => ["a"]],
    ["kid", () => ({})],
    ["kid", () => 5],
    ["kid", () => null],
  ])("C4: has no say in the key by its %s", async (name, toValue) => {
    await using evil = await startIssuer({ audience: AUDIENCE, now: clock.now, key: createEcKey() });
    await verify(gitlab.sign());
    clock.advance(30);
    fetched = [];
    const header = { [name]: toValue(evil) };
    await expectUnauthenticated(() => verify(gitlab.sign({}, { header })), /header must not have|must be a string/u);
    await expectUnauthenticated(() => verify(evil.sign({ iss: gitlab.url }, { header })), /must not|must be a string/u);
    expect(fetched).toEqual([]);
    expect(evil.requests()).toEqual({ configuration: 0, keys: 0, other: 0 });
    clock.advance(-30);
  });

  it.each(["../../x", "/etc/passwd", "https://evil.example/key", "", "\u0000", "__proto__"])(
    "C4: is asked for no more than the issuer's keys by the kid %j",
    async (kid) => {
      await using own = await startIssuer({ audience: AUDIENCE, now: clock.now, key: ecKey });
      const verifyOwn = verifierOf(configured("own", own, { algorithms: ["ES256"] }));
      fetched = [];
      await expectUnauthenticated(() => verifyOwn(own.sign({}, { header: { kid } })), /no key that fits/u);
      expect(fetched).toEqual([`${own.url}/.well-known/openid-configuration`, own.jwksUri]);
    },
  );
});

describe("the issuer", () => {
  it.each<[string, () => unknown]>([
    ["unknown", () => "https://issuer.example"],
    ["one with a slash more", () => `${github.url}/`],
    ["one in capitals", () => github.url.toUpperCase()],
    ["one behind a space", () => ` ${github.url}`],
    ["a list", () => [github.url]],
    ["an object", () => ({ [github.url]: github.url })],
    ["null", () => null],
    ["missing", () => undefined],
    ["a member of every object", () => "constructor"],
  ])("C5: is not asked for anything when it is %s", async (_name, toIssuer) => {
    fetched = [];
    const unused = verifierOf(configured("github", github));
    await expectUnauthenticated(() => unused(github.sign({ iss: toIssuer() })), /issuer \(iss\) is not one/u);
    expect(fetched).toEqual([]);
  });

  it("C5: cannot vouch for another issuer's tokens", async () => {
    await expectUnauthenticated(() => verify(gitlab.sign({ iss: github.url })), /algorithm/u);
    const both = verifierOf(configured("github", github), configured("other", gitlab, { algorithms: ["ES256"] }));
    await expectUnauthenticated(() => both(github.sign({ iss: gitlab.url })), /algorithm/u);
  });

  it("C14: makes 503 of its silence, never 401, and of its own fault alone", async () => {
    const dead = verifierOf(configured("dead", gitlab, { issuer: "https://localhost:1", algorithms: ["ES256"] }));
    await expectUnavailable(() => dead(gitlab.sign({ iss: "https://localhost:1" })), /localhost:1/u);
    await expectUnauthenticated(() => dead(gitlab.sign({ iss: "https://localhost:1" }, { header: { alg: "none" } })));
  });

  it("throws bugs as they are", async () => {
    const wrong = verifierOf(configured("github", github, { maxTokenAge: Number.NaN }));
    await expect(wrong(github.sign())).rejects.toBeInstanceOf(TypeError);
  });
});
