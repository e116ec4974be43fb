/** An operation that carries no object: resolve, send, and again if that helps. */
import type { Operation } from "@s3r/shared";
import { toS3Error } from "../s3/s3-error.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import type { S3Response } from "../s3/send.ts";
import { usableUntil, type SignedAhead } from "./signed-ahead.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { withRetries } from "./with-retries.ts";

/** A page of 1,000 keys of 1,024 bytes, each escaped. */
const MAX_TEXT_CHARACTERS = 16 * 1024 ** 2;

/**
 * One attempt.
 * @param ahead used instead of asking anew, if it is still usable.
 * @throws CliError unless the store answers 2xx.
 */
export async function requestOnce(
  operation: Operation,
  announced: Readonly<Record<string, string>>,
  world: TransferWorld,
  ahead?: SignedAhead,
): Promise<S3Response> {
  const isUsable = ahead !== undefined && world.now().getTime() < usableUntil(ahead);
  const signed = isUsable ? ahead.signed : await world.resolve(operation, announced);
  const { headers } = selectHeaders(signed.url, signed.announced);
  const answer = await world.send({
    method: signed.method,
    url: signed.url,
    headers,
    maximumText: MAX_TEXT_CHARACTERS,
  });
  if (answer.status >= 200 && answer.status < 300) return answer;
  const what = `${signed.method} ${operation.key === "" ? "/" : operation.key}`;
  throw toS3Error({ status: answer.status, headers: answer.headers, body: answer.text }, what, world.now());
}

/** @throws CliError unless the store answers 2xx. */
export async function simpleRequest(
  operation: Operation,
  announced: Readonly<Record<string, string>>,
  world: TransferWorld,
): Promise<S3Response> {
  return await withRetries(world.retry, () => requestOnce(operation, announced, world));
}
