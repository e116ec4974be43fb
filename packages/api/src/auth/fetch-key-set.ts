/** The keys that an issuer publishes now. How long they are believed is the cache's business. */
import type { JSONWebKeySet } from "jose";
import type { Issuer } from "./auth-config.ts";
import { fetchJson, type FetchJsonOptions } from "./fetch-json.ts";
import { issuerTrouble } from "./issuer-trouble.ts";
import { usableKeys } from "./usable-keys.ts";

/** OpenID Connect Discovery 1.0, 4 and 4.3: https://openid.net/specs/openid-connect-discovery-1_0.html */
async function discoverJwksUri(issuer: string, options: FetchJsonOptions): Promise<string> {
  const url = `${issuer.replace(/\/$/u, "")}/.well-known/openid-configuration`;
  const document = await fetchJson(url, options);
  if (typeof document !== "object" || document === null) throw issuerTrouble(`${url} gives no configuration`);
  if (!("issuer" in document) || document.issuer !== issuer) throw issuerTrouble(`${url} is of another issuer`);
  if (!("jwks_uri" in document) || typeof document.jwks_uri !== "string") throw issuerTrouble(`${url} has no jwks_uri`);
  return document.jwks_uri;
}

/**
 * @param options the signal limits discovery and keys together.
 * @throws ProtocolError ServiceUnavailable when there is no usable key to be had.
 */
export async function fetchKeySet(
  { issuer, jwksUri }: Pick<Issuer, "issuer" | "jwksUri">,
  options: FetchJsonOptions,
): Promise<JSONWebKeySet> {
  const url = jwksUri ?? (await discoverJwksUri(issuer, options));
  const keys = usableKeys(await fetchJson(url, options));
  if (keys === undefined) throw issuerTrouble(`${url} gives no key that could be used`);
  return keys;
}
