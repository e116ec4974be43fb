/** Reads a request's JSON body, of a bounded size. */
import { ProtocolError } from "@s3r/shared";

async function readBounded(body: ReadableStream<Uint8Array>, maximumBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maximumBytes) {
      throw new ProtocolError("EntityTooLarge", `the body has more than ${maximumBytes} bytes: send several batches`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * @param maximumBytes reading stops there, whatever length was announced.
 * @throws ProtocolError EntityTooLarge, or InvalidRequest when the body is not JSON in UTF-8.
 */
export async function readJsonBody(request: Request, maximumBytes: number): Promise<unknown> {
  const bytes = request.body === null ? Buffer.alloc(0) : await readBounded(request.body, maximumBytes);
  try {
    const parsed: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return parsed;
  } catch (cause) {
    throw new ProtocolError("InvalidRequest", "the body must be JSON in UTF-8", { cause });
  }
}
