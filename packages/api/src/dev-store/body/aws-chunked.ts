/**
 * `Content-Encoding: aws-chunked`: what SDKs send so that a checksum can follow the body.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
import { S3Error } from "../s3-error.ts";

const MAX_LINE_BYTES = 8192;

function malformed(what: string): never {
  throw new S3Error("IncompleteBody", `The request body is not valid aws-chunked content: ${what}`);
}

/** Takes lines and runs of bytes from a stream of chunks. */
class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#source = chunks[Symbol.asyncIterator]();
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done === true) malformed("it ends early");
    this.#rest = this.#rest.byteLength === 0 ? Buffer.from(value) : Buffer.concat([this.#rest, value]);
  }

  /** Up to CRLF, without it. */
  async line(): Promise<string> {
    let end = this.#rest.indexOf("\r\n");
    while (end === -1) {
      if (this.#rest.byteLength > MAX_LINE_BYTES) malformed("a line is too long");
      await this.#more();
      end = this.#rest.indexOf("\r\n");
    }
    const line = this.#rest.toString("latin1", 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    return line;
  }

  /** As many bytes as there are, at least one and at most `limit`. */
  async some(limit: number): Promise<Buffer> {
    while (this.#rest.byteLength === 0) await this.#more();
    const bytes = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(bytes.byteLength);
    return bytes;
  }
}

function parseSize(line: string): number {
  const [size = ""] = line.split(";");
  if (!/^[0-9a-fA-F]{1,10}$/u.test(size)) malformed("a chunk has no size");
  return Number.parseInt(size, 16);
}

async function readTrailers(reader: ByteReader, trailers: Map<string, string>): Promise<void> {
  for (let line = await reader.line(); line !== ""; line = await reader.line()) {
    const at = line.indexOf(":");
    if (at < 1) malformed("a trailer is no header");
    trailers.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
  }
}

/**
 * The bytes inside, as they come.
 * @param trailers is filled when the last chunk has been read.
 * @throws S3Error IncompleteBody
 */
export async function* decodeAwsChunked(
  chunks: AsyncIterable<Uint8Array>,
  trailers: Map<string, string>,
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(chunks);
  for (let size = parseSize(await reader.line()); size > 0; size = parseSize(await reader.line())) {
    for (let left = size; left > 0;) {
      const bytes = await reader.some(left);
      left -= bytes.byteLength;
      yield bytes;
    }
    if ((await reader.line()) !== "") malformed("a chunk is longer than its size");
  }
  await readTrailers(reader, trailers);
}
