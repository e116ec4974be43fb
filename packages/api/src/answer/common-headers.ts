/** The headers that every answer of the API carries. */
import { REQUEST_ID_HEADER } from "@s3r/shared";

/**
 * An answer depends on who asks and when, and a redirect is a credential: nothing may keep it, and
 * the page that follows it must not pass it on (RFC 9111 5.2.2.5; Referrer Policy 3.1).
 */
export function commonHeaders(requestId: string): Record<string, string> {
  return {
    "cache-control": "no-store",
    vary: "Authorization, Origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    [REQUEST_ID_HEADER]: requestId,
  };
}
