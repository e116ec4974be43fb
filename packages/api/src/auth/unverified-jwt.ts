/** What a JWT says before anything of it has been verified: enough to find out who could verify it. */
import { invalidToken } from "./unauthenticated.ts";

type JsonObject = Readonly<Record<string, unknown>>;

export interface UnverifiedJwt {
  readonly header: JsonObject;
  readonly payload: JsonObject;
}

/**
 * RFC 4648 3.5: bits that the encoding has to spare are zero. Decoders mostly do not look, and then one signature
 * has several spellings.
 */
function decodePart(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, "base64url");
  return bytes.toString("base64url") === part ? bytes : undefined;
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(bytes: Buffer | undefined): JsonObject | undefined {
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @throws ProtocolError Unauthenticated when it is not a JWT (RFC 7519 7.2, steps 1 to 4, and the payload's form). */
export function readUnverifiedJwt(token: string): UnverifiedJwt {
  const [header, payload, signature] = token.split(".").map(decodePart);
  const parsed = { header: parseObject(header), payload: parseObject(payload) };
  if (parsed.header === undefined || parsed.payload === undefined || signature === undefined) {
    throw invalidToken("the token looks like a JWT and cannot be read as one: it is damaged, or was cut");
  }
  return { header: parsed.header, payload: parsed.payload };
}
