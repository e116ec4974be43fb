/** What is read of a JWT, and that nothing is too odd to be read. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeJwt } from "../testing/make-jwt.ts";
import { readJwtClaims } from "./jwt-claims.ts";

const NOTHING = { issuedAt: undefined, expiresAt: undefined, audience: [] };

describe("readJwtClaims", () => {
  it("reads the dates in seconds, and one audience or several", () => {
    expect(readJwtClaims(makeJwt({ iat: 1000, exp: 1300.5, aud: "a" }))).toEqual({
      issuedAt: new Date(1_000_000),
      expiresAt: new Date(1_300_500),
      audience: ["a"],
    });
    expect(readJwtClaims(makeJwt({ aud: ["a", "b", 5] })).audience).toEqual(["a", "b"]);
  });

  it.each<readonly [string, string]>([
    ["an opaque token", "s3r_abc"],
    ["an opaque token with dots", "a.b.c"],
    ["five parts, which are encrypted", `${makeJwt({ exp: 1 })}.a.b`],
    ["dates that are none", makeJwt({ exp: "1300", iat: 1e300 })],
    ["a payload that is no object", `e30.${Buffer.from("null").toString("base64url")}.x`],
    ["a prototype", `e30.${Buffer.from('{"__proto__":{"exp":1}}').toString("base64url")}.x`],
  ])("finds nothing in %s", (_, token) => {
    expect(readJwtClaims(token)).toEqual(NOTHING);
  });

  it("never throws", () => {
    const payload = fc.oneof(
      fc.string(),
      fc.json(),
      fc.object().map((object) => JSON.stringify(object)),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          payload.map((text) => `e30.${Buffer.from(text).toString("base64url")}.x`),
        ),
        (token) => {
          expect(Array.isArray(readJwtClaims(token).audience)).toBe(true);
        },
      ),
    );
  });
});
