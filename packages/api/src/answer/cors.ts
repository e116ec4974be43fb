/**
 * Lets pages of the configured origins read the API's answers (Fetch, "CORS protocol"). The bucket
 * has CORS rules of its own for the second hop.
 */
import { ALLOWED_METHODS, EXPIRES_IN_HEADER, REQUEST_ID_HEADER } from "@s3r/shared";
import { commonHeaders } from "./common-headers.ts";

const EXPOSED_HEADERS = `Location, ${EXPIRES_IN_HEADER}, ${REQUEST_ID_HEADER}`;
const PREFLIGHT_MAX_AGE_SECONDS = 3000;

/** `["*"]` allows any origin; credentials are never allowed, since no cookie means anything here. */
export type CorsOrigins = readonly string[];

function allowedOrigin(origins: CorsOrigins, origin: string | null): string | undefined {
  if (origin === null) return undefined;
  if (origins.includes("*")) return "*";
  return origins.includes(origin) ? origin : undefined;
}

/** What to add to an answer so that the page that asked may read it: nothing for other origins. */
export function corsHeaders(origins: CorsOrigins, request: Request): Readonly<Record<string, string>> {
  const allowed = allowedOrigin(origins, request.headers.get("origin"));
  return allowed === undefined
    ? {}
    : { "access-control-allow-origin": allowed, "access-control-expose-headers": EXPOSED_HEADERS };
}

/** The preflight must be answered with 2xx, never with a redirect (Fetch, "CORS-preflight fetch"). */
export function preflightAnswer(origins: CorsOrigins, request: Request, requestId: string): Response {
  const allowed = allowedOrigin(origins, request.headers.get("origin"));
  const asked = request.headers.get("access-control-request-headers");
  const headers = new Headers({ ...commonHeaders(requestId), allow: ALLOWED_METHODS });
  if (allowed !== undefined) {
    headers.set("access-control-allow-methods", ALLOWED_METHODS);
    if (asked !== null) headers.set("access-control-allow-headers", asked);
    headers.set("access-control-max-age", String(PREFLIGHT_MAX_AGE_SECONDS));
    headers.append("vary", "Access-Control-Request-Headers");
  }
  return new Response(null, { status: 204, headers });
}
