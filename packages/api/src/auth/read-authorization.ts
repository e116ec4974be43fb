/** The token in an `Authorization` header. Whose it is, if anyone's, is not asked here. */
import { unauthenticated, invalidToken } from "./unauthenticated.ts";

/** GitHub's JWTs have about 2 KB; node:http takes 16 KiB of headers altogether. */
const MAX_AUTHORIZATION_LENGTH = 16 * 1024;

/** RFC 9110 11.4: one scheme, spaces, one token68. Two headers joined by a comma do not fit. */
const CREDENTIALS = /^([A-Za-z]+) +([\w.~+/-]+=*)$/u;

/** Visible ASCII, as a password may have it: wider than what `Bearer` can carry, and no more than a header can. */
const TOKEN = /^[\x21-\x7e]+$/u;

/** RFC 7617 2: `user:password` in base64. The user is not looked at, the password may have colons of its own. */
function passwordOf(encoded: string): string {
  const userAndPassword = Buffer.from(encoded, "base64").toString("utf8");
  const colon = userAndPassword.indexOf(":");
  const password = userAndPassword.slice(colon + 1);
  if (colon === -1 || !TOKEN.test(password)) {
    throw invalidToken("the Basic credentials hold no token: it goes where the password goes, the user is ignored");
  }
  return password;
}

/**
 * @param authorization the value of the header, which is there: whoever presents credentials is never anonymous.
 * @throws ProtocolError Unauthenticated for anything but one token, as `Bearer` (RFC 6750 2.1) or as the password
 *   of `Basic`.
 */
export function readAuthorization(authorization: string): string {
  if (authorization.length > MAX_AUTHORIZATION_LENGTH) throw invalidToken("the Authorization header is too long");
  const [, scheme = "", token = ""] = CREDENTIALS.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case "bearer":
      return token;
    case "basic":
      return passwordOf(token);
    default:
      throw unauthenticated(
        "the Authorization header must be `Bearer` and a token, or `Basic` with it as the password",
      );
  }
}
