/** A static token and what may be known of it. Who prints or keeps them is the caller's business. */
import { createHash } from "node:crypto";

const TOKEN_PREFIX = "s3r_";
const TOKEN_BYTES = 32;

export interface NewToken {
  /** To be shown once. The prefix lets secret scanners find it. */
  readonly token: string;
  /** 64 lower-case hexadecimal digits, for the policy. */
  readonly sha256: string;
}

/** @param random that many bytes from a cryptographic source. */
export function createToken(random: (bytes: number) => Uint8Array): NewToken {
  const token = TOKEN_PREFIX + Buffer.from(random(TOKEN_BYTES)).toString("base64url");
  return { token, sha256: createHash("sha256").update(token).digest("hex") };
}
