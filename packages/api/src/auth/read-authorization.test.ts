import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAuthorization } from "./read-authorization.ts";
import { expectUnauthenticated } from "./testing/expect-refusal.ts";

function basic(userAndPassword: string | Uint8Array): string {
  return `Basic ${Buffer.from(userAndPassword).toString("base64")}`;
}

describe("readAuthorization", () => {
  it.each([
    ["Bearer s3r_abc-DEF~.+/=", "s3r_abc-DEF~.+/="],
    ["bearer x", "x"],
    ["BEARER  x", "x"],
    [basic("user:secret"), "secret"],
    [basic(":secret"), "secret"],
    [basic("user:with:colons"), "with:colons"],
    [basic("usér:secret"), "secret"],
    [basic("user:secret").replace("Basic", "bAsIc"), "secret"],
    [basic("user:secret1").replaceAll("=", ""), "secret1"],
  ])("finds the token in %j", (authorization, token) => {
    expect(readAuthorization(authorization)).toBe(token);
  });

  it.each([
    "",
    " ",
    "Bearer",
    "Bearer ",
    " Bearer x",
    "Bearer x ",
    "Bearer\tx",
    "Bearer a b",
    "Bearer a, Bearer b",
    "Bearer a,Bearer b",
    'Bearer token="x"',
    "Bearer é",
    "Bearer x\n",
    "Bearer:x",
    "Token x",
    "Digest username=u",
    "AWS4-HMAC-SHA256 Credential=x",
    "s3r_abc",
    "Basic",
    "Basic !!!",
    basic("nocolon"),
    basic("user:"),
    basic("user:with space"),
    basic("user:p\u0000"),
    basic("user:é"),
    basic(Uint8Array.of(0x75, 0x3a, 0xff)),
  ])("C1: refuses %j", async (authorization) => {
    await expectUnauthenticated(() => readAuthorization(authorization));
  });

  it("C1: refuses a header of more than 16 KiB without looking into it", async () => {
    await expectUnauthenticated(() => readAuthorization(`Bearer ${"x".repeat(100_000)}`), /too long/u);
    expect(readAuthorization(`Bearer ${"x".repeat(16_000)}`)).toHaveLength(16_000);
  });

  it("gives back any token that a client writes as the password", () => {
    const visible = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCodePoint(code)),
      minLength: 1,
    });
    const user = fc.string({ unit: "grapheme" }).filter((name) => !name.includes(":"));
    fc.assert(
      fc.property(user, visible, (name, token) => {
        expect(readAuthorization(basic(`${name}:${token}`))).toBe(token);
      }),
    );
  });
});
