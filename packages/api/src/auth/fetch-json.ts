/** One JSON document over https, of bounded size and in bounded time. What it must say is the caller's business. */
import { issuerTrouble } from "./issuer-trouble.ts";

/** API Gateway's own authorizer stops at 150 kB (quotas of HTTP APIs). */
const MAX_DOCUMENT_BYTES = 256 * 1024;

export interface FetchJsonOptions {
  readonly fetch: typeof fetch;
  /** The time limit, over the whole of it. */
  readonly signal: AbortSignal;
}

/** Counts what comes, after decompression and whatever `content-length` has promised. */
async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop cancels the body, and with it the connection.
    if (bytes > MAX_DOCUMENT_BYTES) throw new RangeError(`more than ${MAX_DOCUMENT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function get(url: string, { fetch, signal }: FetchJsonOptions): Promise<string> {
  // A redirect is an error: it would let one host speak for another.
  const response = await fetch(url, { redirect: "error", headers: { accept: "application/json" }, signal });
  if (response.status === 200 && response.body !== null) return await readBounded(response.body);
  await response.body?.cancel();
  throw new RangeError(`status ${response.status}`);
}

/** @throws ProtocolError ServiceUnavailable when that URL, and no other one, does not give a JSON document. */
export async function fetchJson(url: string, options: FetchJsonOptions): Promise<unknown> {
  if (URL.parse(url)?.protocol !== "https:") throw issuerTrouble(`${url} is no https URL`);
  try {
    return JSON.parse(await get(url, options));
  } catch (cause) {
    throw issuerTrouble(`${url} does not give a JSON document`, cause);
  }
}
