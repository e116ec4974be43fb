/** The one answer that s3r is about: go to S3 and say that again. */
import { EXPIRES_IN_HEADER, OPERATIONS, type Operation } from "@s3r/shared";
import type { PresignedRequest } from "../sign/presign.ts";
import { commonHeaders } from "./common-headers.ts";

/**
 * `curl` without `-L` exits 0 having moved nothing: this line is the only hint its user gets.
 */
function hint(operation: Operation): string {
  return OPERATIONS[operation.name].body === "none"
    ? "Not here: repeat this request at the Location (curl -fL does).\n"
    : "Not stored yet: repeat this request, with its body, at the Location (curl -fL -T does).\n";
}

/** 307 keeps the method and the body (RFC 9110 15.4.8); 301 and 302 may turn a PUT into a GET. */
export function redirectAnswer(operation: Operation, presigned: PresignedRequest, requestId: string): Response {
  return new Response(hint(operation), {
    status: 307,
    headers: {
      ...commonHeaders(requestId),
      location: presigned.url,
      [EXPIRES_IN_HEADER]: String(presigned.expiresIn),
      "content-type": "text/plain; charset=utf-8",
    },
  });
}
