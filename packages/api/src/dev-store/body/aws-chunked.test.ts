import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAwsChunked } from "./aws-chunked.ts";

function encode(chunks: readonly Uint8Array[], trailers: Readonly<Record<string, string>>): Buffer {
  const pieces = chunks
    .filter((chunk) => chunk.byteLength > 0)
    .map((chunk) => Buffer.concat([Buffer.from(`${chunk.byteLength.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]));
  const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}\r\n`);
  return Buffer.concat([...pieces, Buffer.from(`0\r\n${lines.join("")}\r\n`)]);
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

async function decode(bytes: Buffer, size: number): Promise<{ body: Buffer; trailers: Map<string, string> }> {
  const trailers = new Map<string, string>();
  const chunks: Uint8Array[] = [];
  for await (const chunk of decodeAwsChunked(cut(bytes, size), trailers)) chunks.push(Buffer.from(chunk));
  return { body: Buffer.concat(chunks), trailers };
}

describe("decodeAwsChunked", () => {
  it("gives back the bytes and the trailers, however they are cut on the way", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 50 })),
        fc.integer({ min: 1, max: 70 }),
        async (chunks, size) => {
          const { body, trailers } = await decode(encode(chunks, { "x-amz-checksum-crc32": "AAAAAA==" }), size);
          expect(body.equals(Buffer.concat(chunks))).toBe(true);
          expect([...trailers]).toEqual([["x-amz-checksum-crc32", "AAAAAA=="]]);
        },
      ),
    );
  });

  it.each(["", "5\r\nhell", "zz\r\n", "5\r\nhello!\r\n0\r\n\r\n", "0\r\nno colon\r\n\r\n", "-1\r\n", "5\r\nhello\r\n"])(
    "refuses %j",
    async (text) => {
      await expect(decode(Buffer.from(text), 3)).rejects.toMatchObject({ code: "IncompleteBody" });
    },
  );

  it("ends any bytes with a result or a refusal", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
        const outcome = await decode(Buffer.from(bytes), 7).then(
          () => "decoded",
          (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
        );
        expect(["decoded", "IncompleteBody"]).toContain(outcome);
      }),
    );
  });
});
