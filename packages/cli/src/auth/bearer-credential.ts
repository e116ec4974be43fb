/** A token's text as a credential, once it is known to fit into a header. */
import { CliError } from "../cli-error.ts";
import { readJwtClaims, type JwtClaims } from "./jwt-claims.ts";
import type { Credential } from "./token-source.ts";

export interface TokenOrigin {
  /** For the error, such as "S3R_TOKEN". */
  readonly name: string;
  readonly now: Date;
  /** It was issued a moment ago, for us. */
  readonly isFresh?: boolean;
}

/** Node's servers take 16 KiB of headers in all, many proxies 8. */
const MAX_TOKEN_CHARACTERS = 12 * 1024;

function complaintAbout(token: string): string | undefined {
  if (token === "") return "it is empty";
  if (/[\r\n]/u.test(token)) return "it has several lines";
  if (/^(?:bearer|basic|token)\s/iu.test(token)) return "it begins with the name of a scheme";
  if (!/^[\x21-\x7e]+$/u.test(token)) return "it has characters that do not belong in a token, such as a space";
  if (token.length > MAX_TOKEN_CHARACTERS) return `it is longer than ${MAX_TOKEN_CHARACTERS} characters`;
  return undefined;
}

/** A token that was just issued lives as long as it was made for, whatever this machine's clock says of its dates. */
function expiry({ issuedAt, expiresAt }: JwtClaims, { now, isFresh = false }: TokenOrigin): Date | undefined {
  if (!isFresh || issuedAt === undefined || expiresAt === undefined) return expiresAt;
  return new Date(now.getTime() + expiresAt.getTime() - issuedAt.getTime());
}

/**
 * @param text may have white space around it, as files have.
 * @throws CliError Usage that names the origin, never the text.
 */
export function bearerCredential(text: string, origin: TokenOrigin): Credential {
  const token = text.trim();
  const complaint = complaintAbout(token);
  if (complaint !== undefined) {
    throw new CliError("Usage", `the token from ${origin.name} cannot be used`, {
      reason: complaint,
      hint: "give the token alone, on one line, without `Bearer`",
    });
  }
  return {
    authorization: `Bearer ${token}`,
    obtainedAt: origin.now,
    expiresAt: expiry(readJwtClaims(token), origin),
  };
}
