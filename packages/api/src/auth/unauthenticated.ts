/** The 401: why, and how to authenticate, in a form that wget, curl, git and browsers understand. */
import { ProtocolError } from "@s3r/shared";

const REALM = "s3r";

/**
 * Basic stands first: of two challenges in one line, Chromium sees the first only (httpwg/http-core#136;
 * tried with 156), while wget 1.21, curl `--anyauth`, git and aria2 find theirs in either order.
 * RFC 7617 2 (Basic), RFC 6750 3 (Bearer): https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
function challenge(bearerParameters: string): string {
  return `Basic realm="${REALM}", charset="UTF-8", Bearer realm="${REALM}"${bearerParameters}`;
}

/** Credentials are missing, or of a kind that this API does not take. `detail` says what to send. */
export function unauthenticated(detail: string): ProtocolError {
  return new ProtocolError("Unauthenticated", detail, { headers: { "www-authenticate": challenge("") } });
}

/**
 * Credentials were presented, and are no good.
 * @param detail why. In printable ASCII and without `"` and `\` (RFC 6750 3): it becomes `error_description` too.
 */
export function invalidToken(detail: string): ProtocolError {
  const parameters = `, error="invalid_token", error_description="${detail}"`;
  return new ProtocolError("Unauthenticated", detail, { headers: { "www-authenticate": challenge(parameters) } });
}
