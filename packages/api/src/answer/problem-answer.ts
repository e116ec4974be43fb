/** Every refusal as `application/problem+json` (RFC 9457). */
import { toProblem, type ProtocolError } from "@s3r/shared";
import { commonHeaders } from "./common-headers.ts";

export function problemAnswer(error: ProtocolError, requestId: string): Response {
  return new Response(`${JSON.stringify(toProblem(error, requestId))}\n`, {
    status: error.status,
    headers: { ...commonHeaders(requestId), ...error.headers, "content-type": "application/problem+json" },
  });
}
