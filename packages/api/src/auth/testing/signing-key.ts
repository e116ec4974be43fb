/** For tests: a key that signs JWTs, and the public key as its issuer would publish it. */
import { createHmac, generateKeyPairSync, randomBytes, randomUUID, sign, type KeyObject } from "node:crypto";
import type { JWK } from "jose";

export interface SigningKey {
  readonly alg: "RS256" | "ES256" | "HS256";
  readonly kid: string;
  readonly jwk: JWK;
  /** SPKI; for a shared secret, the secret. */
  readonly publicPem: string;
  readonly sign: (input: string) => Uint8Array;
}

function publicParts(
  alg: SigningKey["alg"],
  publicKey: KeyObject,
): Pick<SigningKey, "alg" | "kid" | "jwk" | "publicPem"> {
  const kid = randomUUID();
  return {
    alg,
    kid,
    jwk: { kty: "", ...publicKey.export({ format: "jwk" }), kid, alg, use: "sig" },
    publicPem: publicKey.export({ format: "pem", type: "spki" }).toString(),
  };
}

/** @param modulusLength in bits; 2048 is what CI issuers have. */
export function createRsaKey(modulusLength = 2048): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength });
  return { ...publicParts("RS256", publicKey), sign: (input) => sign("sha256", Buffer.from(input), privateKey) };
}

export function createEcKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    ...publicParts("ES256", publicKey),
    sign: (input) => sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }),
  };
}

/** A shared secret, published as if it were a public key. */
export function createSecretKey(): SigningKey {
  const [kid, secret] = [randomUUID(), randomBytes(32)];
  return {
    alg: "HS256",
    kid,
    jwk: { kty: "oct", k: secret.toString("base64url"), kid, alg: "HS256", use: "sig" },
    publicPem: "",
    sign: (input) => createHmac("sha256", secret).update(input).digest(),
  };
}
