/**
 * The bucket's CORS: any origin may use a URL that is signed. After the API's redirect a browser sends
 * `Origin: null`, and the signature is the credential (Fetch, "HTTP-redirect fetch").
 */
import type { IncomingHttpHeaders } from "node:http";

const METHODS = "GET, HEAD, PUT, POST, DELETE";
const EXPOSED =
  "ETag, Content-Range, Last-Modified, x-amz-request-id, x-amz-checksum-type, x-amz-checksum-crc32, x-amz-checksum-crc32c, x-amz-checksum-crc64nvme, x-amz-checksum-sha1, x-amz-checksum-sha256";

export function corsHeaders({ origin }: IncomingHttpHeaders): Record<string, string> {
  return origin === undefined
    ? {}
    : { "access-control-allow-origin": "*", "access-control-expose-headers": EXPOSED, vary: "Origin" };
}

/** A preflight carries no signature, and asks for nothing but leave. */
export function preflightHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const asked = headers["access-control-request-headers"];
  return {
    ...corsHeaders(headers),
    "access-control-allow-methods": METHODS,
    ...(asked === undefined ? {} : { "access-control-allow-headers": asked }),
    "access-control-max-age": "3000",
    vary: "Origin, Access-Control-Request-Headers",
  };
}
