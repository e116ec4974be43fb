import { commonHeaders } from "./common-headers.ts";

export function jsonAnswer(value: unknown, requestId: string): Response {
  return new Response(`${JSON.stringify(value)}\n`, {
    headers: { ...commonHeaders(requestId), "content-type": "application/json" },
  });
}
