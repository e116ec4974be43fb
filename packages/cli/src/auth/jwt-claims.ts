/** What a JWT says about itself, unverified: only good for knowing when to ask for another, and whom it is for. */

export interface JwtClaims {
  readonly issuedAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  readonly audience: readonly string[];
}

const NOTHING: JwtClaims = { issuedAt: undefined, expiresAt: undefined, audience: [] };

/** A NumericDate: seconds, perhaps with a fraction (RFC 7519 2). */
function numericDate(value: unknown): Date | undefined {
  if (typeof value !== "number") return undefined;
  const date = new Date(value * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function property(object: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(object, name)?.value;
}

function parsePayload(token: string): unknown {
  const [, payload, signature, ...more] = token.split(".");
  if (payload === undefined || signature === undefined || more.length > 0) return undefined;
  try {
    return JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Never throws: a token that is no JWT has no claims. */
export function readJwtClaims(token: string): JwtClaims {
  const payload = parsePayload(token);
  if (typeof payload !== "object" || payload === null) return NOTHING;
  const audience = property(payload, "aud");
  return {
    issuedAt: numericDate(property(payload, "iat")),
    expiresAt: numericDate(property(payload, "exp")),
    audience: (Array.isArray(audience) ? audience : [audience]).filter((each) => typeof each === "string"),
  };
}
