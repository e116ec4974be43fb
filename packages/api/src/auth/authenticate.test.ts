import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuthConfig } from "./auth-config.ts";
import { createAuthenticate, type Authenticate } from "./authenticate.ts";
import { createToken } from "./new-token.ts";
import { ANONYMOUS, type Principal } from "./principal.ts";
import { createClock } from "./testing/create-clock.ts";
import { expectUnauthenticated } from "./testing/expect-refusal.ts";
import { createEcKey } from "./testing/signing-key.ts";
import { startIssuer, type RunningIssuer } from "./testing/start-issuer.ts";
import { trustTestAuthority } from "./testing/trust-authority.ts";

const AUDIENCE = "https://api.example";
const clock = createClock();
const { token, sha256 } = createToken(randomBytes);
const robot = { name: "robot", kind: "token", claims: {} };

let issuer: RunningIssuer;
let authenticate: Authenticate;

function create(config: Partial<AuthConfig> = {}): Authenticate {
  const { url } = issuer;
  return createAuthenticate({
    config: {
      tokens: [{ name: "robot", sha256 }],
      issuers: [{ name: "ci", issuer: url, audiences: [AUDIENCE], algorithms: ["RS256"], maxTokenAge: 900 }],
      ...config,
    },
    now: clock.now,
    fetch,
  });
}

function basic(password: string): string {
  return `Basic ${Buffer.from(`user:${password}`).toString("base64")}`;
}

beforeAll(async () => {
  trustTestAuthority();
  issuer = await startIssuer({ audience: AUDIENCE, now: clock.now });
  authenticate = create();
});

afterAll(async () => {
  await issuer[Symbol.asyncDispose]();
});

describe("authenticate", () => {
  it("takes who presents nothing for anonymous", async () => {
    expect(await authenticate({ authorization: null })).toBe(ANONYMOUS);
  });

  it("takes static tokens and JWTs, as Bearer and as a Basic password", async () => {
    expect(await authenticate({ authorization: `Bearer ${token}` })).toEqual(robot);
    expect(await authenticate({ authorization: basic(token) })).toEqual(robot);
    const jwt = issuer.sign({ repository_id: "1" });
    const ci = { name: "ci", kind: "issuer", claims: { repository_id: "1" } };
    expect(await authenticate({ authorization: `Bearer ${jwt}` })).toMatchObject(ci);
    expect(await authenticate({ authorization: basic(jwt) })).toMatchObject(ci);
  });

  it.each([
    "",
    "Bearer",
    "Bearer  ",
    "Basic",
    "Basic Og==",
    `Token ${token}`,
    token,
    `Bearer ${token}x`,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer ${"x".repeat(100_000)}`,
    basic(""),
    basic(token.slice(0, -1)),
    "Bearer a.b",
    "Bearer a.b.c",
    "Bearer a.b.c.d",
    "Bearer ..",
    "Bearer e30.e30.e30",
    "Bearer e30.e30.",
    "Bearer bnVsbA.bnVsbA.bnVsbA",
    "Bearer W10.W10.W10",
  ])("C1: makes no anonymous of %j", async (authorization) => {
    await expectUnauthenticated(() => authenticate({ authorization }));
    await expectUnauthenticated(() => create({ tokens: [], issuers: [] })({ authorization }));
  });

  it("C1: tells nothing of what it was given or what it knows", async () => {
    const secrets = [token, sha256, "do-not-tell", issuer.url];
    const attempts = [`Bearer ${token}x`, basic(`${token}x`), `Bearer ${issuer.sign({ aud: "do-not-tell" })}`];
    for (const authorization of attempts) {
      const error: unknown = await authenticate({ authorization }).catch((reason: unknown) => reason);
      const told = `${JSON.stringify(error)} ${String(error)}`;
      for (const secret of secrets) expect(told).not.toContain(secret);
    }
  });

  it("C16: keeps principals apart that come in turns and at once", async () => {
    const jwts = ["1", "2"].map((id) => issuer.sign({ repository_id: id }));
    const ids = await Promise.all(
      Array.from({ length: 1000 }, async (_, index) => {
        const kind = index % 3;
        const { claims, name } = await authenticate({ authorization: `Bearer ${jwts[kind] ?? token}` });
        return kind === 2 ? name : claims["repository_id"];
      }),
    );
    expect(ids).toEqual(Array.from({ length: 1000 }, (_, index) => ["1", "2", "robot"][index % 3]));
  });
});

describe("an issuer that changes its keys", () => {
  it("C12: is asked once when a token names a new one, and takes the old one's tokens with it", async () => {
    const [before, after] = [createEcKey(), createEcKey()];
    await using rotating = await startIssuer({ audience: AUDIENCE, now: clock.now, key: before });
    const trusted = {
      name: "ci",
      issuer: rotating.url,
      audiences: [AUDIENCE],
      algorithms: ["ES256"],
      maxTokenAge: 900,
    };
    const authenticateHere = create({ issuers: [trusted] });
    const present = async (jwt: string): Promise<Principal> =>
      await authenticateHere({ authorization: `Bearer ${jwt}` });
    await present(rotating.sign());
    rotating.publish(after);
    await expectUnauthenticated(() => present(rotating.sign()), /no key that fits/u);
    clock.advance(30);
    expect(await present(rotating.sign())).toMatchObject({ name: "ci" });
    await expectUnauthenticated(() => present(rotating.sign({}, { key: before })), /no key that fits/u);
    expect(rotating.requests().keys).toBe(2);
  });
});

describe("claims of a gateway", () => {
  const gateway = { name: "edge", authorizer: "jwt" } as const;

  it("make the principal where the gateway is configured, whatever stands in Authorization", async () => {
    const behind = create({ gateway });
    const claims = { sub: "u-1" };
    for (const authorization of [null, "Bearer nonsense", `Bearer ${token}`, ""]) {
      expect(await behind({ authorization, gatewayClaims: claims })).toEqual({ name: "edge", kind: "gateway", claims });
    }
  });

  it("are not looked at where no gateway is configured", async () => {
    expect(await authenticate({ authorization: null, gatewayClaims: { sub: "u-1" } })).toBe(ANONYMOUS);
    expect(await authenticate({ authorization: `Bearer ${token}`, gatewayClaims: {} })).toEqual(robot);
  });

  it("leave tokens alone where there are none", async () => {
    const behind = create({ gateway });
    expect(await behind({ authorization: null })).toBe(ANONYMOUS);
    expect(await behind({ authorization: `Bearer ${token}` })).toEqual(robot);
    await expectUnauthenticated(() => behind({ authorization: "Bearer nonsense" }));
  });
});
