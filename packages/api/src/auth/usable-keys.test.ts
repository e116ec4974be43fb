import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { createLocalJWKSet } from "jose";
import { describe, expect, it } from "vitest";
import { createEcKey, createRsaKey, createSecretKey } from "./testing/signing-key.ts";
import { usableKeys } from "./usable-keys.ts";

const rsa = createRsaKey().jwk;
const ec = createEcKey().jwk;
const ed25519 = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });

describe("usableKeys", () => {
  it("keeps public keys, in their order", () => {
    expect(usableKeys({ keys: [rsa, ec, ed25519] })).toEqual({ keys: [rsa, ec, ed25519] });
  });

  it.each([
    ["RSA of 512 bits", createRsaKey(512).jwk],
    ["RSA of 2047 bits", createRsaKey(2047).jwk],
    ["a secret", createSecretKey().jwk],
    ["a private key", { ...ec, d: ec["x"] }],
    ["an unknown type", { ...rsa, kty: "rsa" }],
    ["no type", { n: rsa["n"], e: rsa["e"] }],
    ["a point off the curve", { ...ec, y: ec["x"] }],
    ["a modulus that is no text", { ...rsa, n: 5 }],
    ["nothing", null],
    ["text", "RSA"],
  ])("C14: never uses %s", (_name, key) => {
    expect(usableKeys({ keys: [key] })).toBeUndefined();
    expect(usableKeys({ keys: [key, rsa] })).toEqual({ keys: [rsa] });
  });

  it("counts the bits of a modulus, not its bytes", () => {
    const { n = "", ...rest } = createRsaKey(1024).jwk;
    const padded = Buffer.concat([Buffer.alloc(128), Buffer.from(n, "base64url")]).toString("base64url");
    expect(usableKeys({ keys: [{ ...rest, n: padded }] })).toBeUndefined();
  });

  it.each([undefined, null, 5, "keys", [], {}, { keys: null }, { keys: {} }, { keys: "RSA" }, { keys: [] }])(
    "C14: takes %j for no key set",
    (document) => {
      expect(usableKeys(document)).toBeUndefined();
    },
  );

  it("lets through nothing that jose could not read, whatever a document holds", () => {
    const member = fc.oneof(
      fc.record({
        kty: fc.constant("RSA"),
        n: fc.constant(rsa["n"]),
        e: fc.constant(rsa["e"]),
        use: fc.jsonValue(),
        key_ops: fc.jsonValue(),
        alg: fc.jsonValue(),
        kid: fc.jsonValue(),
      }),
      fc.record({
        kty: fc.constantFrom("RSA", "EC", "OKP", "oct"),
        n: fc.string(),
        e: fc.string(),
        x: fc.string(),
        crv: fc.constantFrom("P-256", "Ed25519", "?"),
      }),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.record({ keys: fc.array(member, { maxLength: 4 }) }), (document) => {
        const { keys } = usableKeys(document) ?? { keys: [] };
        expect(() => createLocalJWKSet({ keys })).not.toThrow();
        expect(document.keys).toEqual(expect.arrayContaining(keys));
      }),
    );
  });
});
