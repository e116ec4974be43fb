import { randomBytes } from "node:crypto";
import { ProtocolError } from "@s3r/shared";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthenticate, type Authenticate } from "./authenticate.ts";
import { createToken } from "./new-token.ts";
import { createClock } from "./testing/create-clock.ts";
import { expectUnauthenticated } from "./testing/expect-refusal.ts";
import { createEcKey } from "./testing/signing-key.ts";
import { startIssuer, type RunningIssuer } from "./testing/start-issuer.ts";
import { trustTestAuthority } from "./testing/trust-authority.ts";

const AUDIENCES = ["https://api.example", "s3r"];
const clock = createClock();
const NOW = clock.now().getTime() / 1000;
const { token, sha256 } = createToken(randomBytes);

let issuer: RunningIssuer;
let authenticate: Authenticate;
/** Good ones, to be spoilt. */
let tokens: readonly string[];

beforeAll(async () => {
  trustTestAuthority();
  issuer = await startIssuer({ audience: "s3r", now: clock.now, key: createEcKey() });
  authenticate = createAuthenticate({
    config: {
      tokens: [{ name: "robot", sha256 }],
      issuers: [
        { name: "ci", issuer: issuer.url, audiences: AUDIENCES, algorithms: ["ES256", "RS256"], maxTokenAge: 900 },
      ],
    },
    now: clock.now,
    fetch,
  });
  tokens = [token, issuer.sign({ repository_id: "1" })];
});

afterAll(async () => {
  await issuer[Symbol.asyncDispose]();
});

const TOKEN_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+/=".split("");

/** What can be done to a text, at a place between its beginning (0) and its end (1). */
const mutation: fc.Arbitrary<(text: string) => string> = fc
  .record({ place: fc.double({ min: 0, max: 1, noNaN: true }), character: fc.constantFrom(...TOKEN_CHARACTERS) })
  .chain(({ place, character }) => {
    const at = (text: string): number => Math.floor(place * text.length);
    return fc.constantFrom<((text: string) => string)[]>(
      (text) => text.slice(0, at(text)),
      (text) => text.slice(at(text) + 1),
      (text) => text.slice(0, at(text)) + character + text.slice(at(text)),
      (text) => text.slice(0, at(text)) + character + text.slice(at(text) + 1),
      (text) => text + text.slice(at(text)),
      (text) => text.split(".").toReversed().join("."),
      (text) =>
        text
          .split(".")
          .toSpliced(Math.floor(place * 3), 1)
          .join("."),
      (text) => text.toLowerCase(),
      (text) => text.repeat(30),
    );
  });

/** One bit of one of the bytes that a part stands for, which may change one character or several. */
function flipBit(part: string, bit: number): string {
  const bytes = Buffer.from(part, "base64url");
  const at = bit % (bytes.length * 8);
  bytes.writeUInt8((bytes[at >> 3] ?? 0) ^ (1 << (at & 7)), at >> 3);
  return bytes.toString("base64url");
}

async function expectRefused(presented: string): Promise<void> {
  await expectUnauthenticated(() => authenticate({ authorization: `Bearer ${presented}` }));
}

describe("a hostile client", () => {
  it("gets 401 for any header that it makes up", async () => {
    const scheme = fc.constantFrom("", "Bearer ", "bearer ", "Basic ", "Basic  ", "Negotiate ");
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.base64String(),
      fc.array(fc.base64String(), { minLength: 3, maxLength: 3 }).map((parts) => parts.join(".").replaceAll("=", "")),
    );
    await fc.assert(
      fc.asyncProperty(scheme, value, async (prefix, rest) => {
        await expectUnauthenticated(() => authenticate({ authorization: prefix + rest }));
      }),
      { numRuns: 1000 },
    );
  });

  it("gets 401 for a token that it cut, lengthened, mixed up or changed by one character", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1), mutation, async (which, mutate) => {
        const good = tokens[which] ?? "";
        const bad = mutate(good);
        fc.pre(bad !== good);
        await expectRefused(bad);
      }),
      { numRuns: 1000 },
    );
  });

  it("gets 401 for a JWT of which it flipped one bit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(), async (which, bit) => {
        const parts = tokens[1]?.split(".") ?? [];
        await expectRefused(parts.with(which, flipBit(parts[which] ?? "", bit)).join("."));
      }),
      { numRuns: 500 },
    );
  });

  it("gets 401 for every other spelling of a signature", async () => {
    const good = tokens[1] ?? "";
    for (const last of TOKEN_CHARACTERS) {
      const other = good.slice(0, -1) + last;
      if (other !== good) await expectRefused(other);
    }
    await expectRefused(`${good}=`);
  });

  it("gets 401 for any header and payload under a signature of its own", async () => {
    const stranger = createEcKey();
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), async (header, claims) => {
        const key = { ...stranger, kid: issuer.key().kid };
        await expectRefused(issuer.sign({ claims }, { header, key }));
      }),
      { numRuns: 200 },
    );
  });

  it("is let in with a genuine token only if every claim about time and audience is right", async () => {
    const seconds = fc.oneof(fc.integer({ min: NOW - 1100, max: NOW + 1100 }), fc.jsonValue());
    const audience = fc.oneof(
      fc.constantFrom(...AUDIENCES, "x"),
      fc.array(fc.constantFrom(...AUDIENCES, "x")),
      fc.jsonValue(),
    );
    const claims = fc.record({ iat: seconds, exp: seconds, nbf: seconds, aud: audience }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(claims, async (given) => {
        const jwt = issuer.sign({ iat: NOW, exp: NOW + 300, aud: "s3r", ...given });
        const { iat = NOW, exp = NOW + 300, nbf = NOW, aud = "s3r" } = given;
        const members = [aud].flat();
        const isRight =
          typeof iat === "number" &&
          typeof exp === "number" &&
          typeof nbf === "number" &&
          Math.max(iat, nbf) <= NOW + 60 &&
          exp > NOW - 60 &&
          iat >= NOW - 960 &&
          exp - iat <= 960 &&
          members.length > 0 &&
          members.every((member) => member === AUDIENCES[0] || member === AUDIENCES[1]);
        const answer = await authenticate({ authorization: `Bearer ${jwt}` }).then(
          ({ name }) => name,
          (error: unknown) => (error instanceof ProtocolError ? error.code : error),
        );
        expect(answer).toBe(isRight ? "ci" : "Unauthenticated");
      }),
      { numRuns: 500 },
    );
  });
});
