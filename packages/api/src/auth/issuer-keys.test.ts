import { errors, type CryptoKey } from "jose";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createIssuerKeys, type FindKey, type IssuerKeysOptions } from "./issuer-keys.ts";
import { createClock, type Clock } from "./testing/create-clock.ts";
import { expectUnavailable } from "./testing/expect-refusal.ts";
import type { IssuerFault } from "./testing/issuer-faults.ts";
import { createEcKey, createRsaKey, createSecretKey, type SigningKey } from "./testing/signing-key.ts";
import { startIssuer, type RunningIssuer } from "./testing/start-issuer.ts";
import { trustTestAuthority } from "./testing/trust-authority.ts";

/** Milliseconds, for issuers that never come to an end: enough for a busy machine to connect. */
const SHORT_TIME_LIMIT = 400;
const ENDLESS = new Set<IssuerFault>(["hang", "drip"]);

const [first, second] = [createRsaKey(), createEcKey()];

let issuer: RunningIssuer;
let clock: Clock;
let findKey: FindKey;

function keysOf(options: Partial<IssuerKeysOptions> = {}): FindKey {
  return createIssuerKeys({ issuer: { issuer: issuer.url }, now: clock.now, fetch, ...options });
}

async function find({ alg, kid }: Pick<SigningKey, "alg" | "kid">, keys = findKey): Promise<CryptoKey> {
  return await keys({ alg, kid });
}

async function expectNoKey(promise: Promise<unknown>): Promise<void> {
  await expect(promise).rejects.toBeInstanceOf(errors.JWKSNoMatchingKey);
}

beforeAll(trustTestAuthority);

beforeEach(async () => {
  issuer = await startIssuer({ audience: "api", key: first });
  clock = createClock();
  findKey = keysOf();
});

afterEach(async () => {
  await issuer[Symbol.asyncDispose]();
});

describe("createIssuerKeys", () => {
  it("discovers where the keys are, and fetches them once", async () => {
    expect(await find(first)).toMatchObject({ type: "public", usages: ["verify"] });
    await Promise.all(Array.from({ length: 20 }, () => find(first)));
    expect(issuer.requests()).toEqual({ configuration: 1, keys: 1, other: 0 });
  });

  it.each([
    ["https://issuer.example", "https://issuer.example/.well-known/openid-configuration"],
    ["https://issuer.example/", "https://issuer.example/.well-known/openid-configuration"],
    ["https://issuer.example/org/1", "https://issuer.example/org/1/.well-known/openid-configuration"],
    ["https://issuer.example/org/1/", "https://issuer.example/org/1/.well-known/openid-configuration"],
  ])("looks for the configuration of %s at %s", async (iss, url) => {
    const asked: unknown[] = [];
    const spy: typeof fetch = (input) => {
      asked.push(input);
      return Promise.resolve(Response.json({ issuer: iss, jwks_uri: "keys" }));
    };
    await expectUnavailable(() => find(first, keysOf({ fetch: spy, issuer: { issuer: iss } })), /keys is no https/u);
    expect(asked).toEqual([url]);
  });

  it("asks for no configuration when it is told where the keys are", async () => {
    await find(first, keysOf({ issuer: { issuer: "https://issuer.example", jwksUri: issuer.jwksUri } }));
    expect(issuer.requests()).toEqual({ configuration: 0, keys: 1, other: 0 });
  });

  it("C12: fetches once more when a key turns up that it has not seen, and drops those that are gone", async () => {
    await find(first);
    issuer.publish(second);
    clock.advance(30);
    expect(await find(second)).toMatchObject({ type: "public" });
    await expectNoKey(find(first));
    expect(issuer.requests().keys).toBe(2);
  });

  it("C12: has a key that was published beside the old one before it is used", async () => {
    await find(first);
    issuer.publish(second, first);
    clock.advance(600);
    await find(first);
    await find(second);
    expect(issuer.requests().keys).toBe(2);
  });

  it("C13: makes at most one fetch in 30 s of 1,000 unknown keys in a second", async () => {
    await find(first);
    const flood = (): Promise<void[]> =>
      Promise.all(
        Array.from({ length: 1000 }, (_, index) => expectNoKey(find({ alg: "RS256", kid: `unknown ${index}` }))),
      );
    await flood();
    expect(issuer.requests().keys).toBe(1);
    clock.advance(30);
    await flood();
    await flood();
    expect(issuer.requests().keys).toBe(2);
    await find(first);
  });

  it("C13: makes one fetch of 1,000 unknown keys even when they come first", async () => {
    await Promise.all(
      Array.from({ length: 1000 }, (_, index) => expectNoKey(find({ alg: "RS256", kid: `unknown ${index}` }))),
    );
    expect(issuer.requests()).toEqual({ configuration: 1, keys: 1, other: 0 });
  });

  it.each<[IssuerFault, RegExp]>([
    ["status 500", /keys does not give/u],
    ["hang", /keys does not give/u],
    ["drip", /keys does not give/u],
    ["cut", /keys does not give/u],
    ["redirect", /keys does not give/u],
    ["10 MB", /keys does not give/u],
    ["gzip bomb", /keys does not give/u],
    ["invalid JSON", /keys does not give/u],
    ["no keys", /no key that could be used/u],
    ["no key set", /no key that could be used/u],
    ["another issuer's configuration", /of another issuer/u],
    ["keys over http", /is no https URL/u],
    ["configuration without keys", /has no jwks_uri/u],
    ["no configuration", /gives no configuration/u],
  ])("C14: with %j has no key at first, and the old keys for an hour afterwards", async (fault, cause) => {
    findKey = keysOf(ENDLESS.has(fault) ? { timeLimit: SHORT_TIME_LIMIT } : {});
    issuer.fail(fault);
    await expectUnavailable(() => find(first), cause);
    issuer.fail(undefined);
    clock.advance(5);
    await find(first);
    issuer.fail(fault);
    clock.advance(3599);
    await find(first);
    await expectUnavailable(() => find(second), cause);
    clock.advance(1);
    await expectUnavailable(() => find(first), cause);
    expect(issuer.requests().other).toBe(0);
  });

  it.each([
    ["a weak key", createRsaKey(512)],
    ["a secret", createSecretKey()],
  ])("C14: has no key when all that is published is %s", async (_name, key) => {
    issuer.publish(key);
    await expectUnavailable(() => find(key), /no key that could be used/u);
  });

  it("C14: says that a key cannot be used which only its issuer could put right", async () => {
    issuer.publish({ ...first, jwk: { ...first.jwk, key_ops: ["verify", "encrypt"] } });
    await expectUnavailable(() => find(first), /cannot be imported/u);
  });

  it("C14: has no weak key when there are others", async () => {
    const weak = createRsaKey(1024);
    issuer.publish(first, weak);
    await expectNoKey(find(weak));
    await find(first);
  });

  it("C14: says that a dead issuer cannot be reached, and reaches it when it is back", async () => {
    const { url } = issuer;
    await issuer[Symbol.asyncDispose]();
    await expectUnavailable(() => find(first), /does not give/u);
    issuer = await startIssuer({ audience: "api", key: first, port: Number(new URL(url).port) });
    await expectUnavailable(() => find(first), /does not give/u);
    clock.advance(5);
    await find(first);
  });

  it("trusts no certificate that the machine does not", async () => {
    const elsewhere = keysOf({ issuer: { issuer: issuer.url.replace("localhost", "127.0.0.2") } });
    await expectUnavailable(() => find(first, elsewhere), /does not give/u);
  });

  it.each(["http://localhost/keys", "file:///keys", "data:application/json,{}", "keys"])(
    "asks nobody for %s",
    async (jwksUri) => {
      const asked: unknown[] = [];
      const spy: typeof fetch = (input) => {
        asked.push(input);
        return Promise.reject(new Error("asked"));
      };
      await expectUnavailable(
        () => find(first, keysOf({ fetch: spy, issuer: { issuer: "https://issuer.example", jwksUri } })),
        /is no https URL/u,
      );
      expect(asked).toEqual([]);
    },
  );

  it("finds the only key for a token that names none, and none of several", async () => {
    expect(await findKey({ alg: "RS256" })).toMatchObject({ type: "public" });
    issuer.publish(createRsaKey(), createRsaKey());
    clock.advance(600);
    await expect(findKey({ alg: "RS256" })).rejects.toBeInstanceOf(errors.JWKSMultipleMatchingKeys);
  });
});
