import { once } from "node:events";
import { request } from "node:http";
import { request as secureRequest } from "node:https";

/**
 * A PUT that announces more bytes than it sends, and then says that there are no more (a half-closed connection).
 * @returns the status; 0 when the server closed the connection without one.
 */
export async function putTruncated(url: string, length: number, body: string): Promise<number> {
  const open = url.startsWith("https:") ? secureRequest : request;
  const sent = open(url, { method: "PUT", headers: { "content-length": String(length) }, agent: false });
  sent.on("error", () => {});
  const answered = once(sent, "response").then(
    ([response]: unknown[]) => response,
    () => undefined,
  );
  sent.write(body, () => sent.socket?.end());
  const response = await answered;
  sent.destroy();
  return hasStatus(response) ? response.statusCode : 0;
}

function hasStatus(value: unknown): value is { readonly statusCode: number } {
  return typeof value === "object" && value !== null && "statusCode" in value && typeof value.statusCode === "number";
}
