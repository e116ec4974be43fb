/** A JWT with the given claims and no signature to speak of: the CLI does not look at it. */

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

let made = 0;

/** Each is another one, as an issuer's are. */
export function makeJwt(claims: Readonly<Record<string, unknown>> = {}): string {
  made += 1;
  return `${encode({ alg: "none" })}.${encode({ jti: `t0p-s3cret-${made}`, ...claims })}.c2lnbmF0dXJl`;
}
