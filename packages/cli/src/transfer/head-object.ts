import { selectHeaders } from "../s3/signed-headers.ts";
import { parseObjectHead, type ObjectHead } from "./object-head.ts";
import type { TransferWorld } from "./transfer-world.ts";

/** What the store has under a key, checksum included; nothing when it does not say. One attempt. */
export async function headObject(
  key: string,
  { resolve, send }: Pick<TransferWorld, "resolve" | "send">,
): Promise<ObjectHead | undefined> {
  const signed = await resolve({ name: "HeadObject", key, query: {} }, { "x-amz-checksum-mode": "ENABLED" });
  const { headers } = selectHeaders(signed.url, signed.announced);
  const answer = await send({ method: "HEAD", url: signed.url, headers });
  return answer.status === 200 ? parseObjectHead(answer.headers) : undefined;
}
