/** Which keys of an issuer may verify anything. Picking the one that a token names is `jose`'s business. */
import { createPublicKey } from "node:crypto";
import type { JSONWebKeySet, JWK } from "jose";

/** RFC 7518 3.3. */
const MIN_RSA_BITS = 2048;

/** No `oct`: with a published secret anyone could sign. */
const KEY_TYPES = new Set<unknown>(["RSA", "EC", "OKP"]);

function isPublicJwk(value: unknown): value is JWK {
  return typeof value === "object" && value !== null && "kty" in value && KEY_TYPES.has(value.kty) && !("d" in value);
}

function isUsable(key: unknown): key is JWK {
  if (!isPublicJwk(key)) return false;
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key, format: "jwk" });
    return asymmetricKeyType !== "rsa" || (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS;
  } catch {
    return false;
  }
}

/** @returns the good keys of a JSON Web Key Set (RFC 7517 5), or undefined when the document is none or has none. */
export function usableKeys(document: unknown): JSONWebKeySet | undefined {
  if (typeof document !== "object" || document === null || !("keys" in document)) return undefined;
  const members: readonly unknown[] = Array.isArray(document.keys) ? document.keys : [];
  const keys = members.filter(isUsable);
  return keys.length === 0 ? undefined : { keys };
}
