import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openRequestBody } from "./request-body.ts";

async function* chunksOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function read(headers: Record<string, string>, ...texts: readonly string[]): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of openRequestBody(headers, chunksOf(...texts)).chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("openRequestBody", () => {
  it("gives exactly the announced bytes", async () => {
    expect(await read({ "content-length": "5" }, "he", "llo")).toBe("hello");
  });

  it.each([["4"], ["6"]])("refuses five bytes where %s were announced", async (length) => {
    await expect(read({ "content-length": length }, "he", "llo")).rejects.toMatchObject({ code: "IncompleteBody" });
  });

  it("holds the bytes against their announced SHA-256", async () => {
    const sha256 = createHash("sha256").update("hello").digest("hex");
    expect(await read({ "content-length": "5", "x-amz-content-sha256": sha256 }, "hello")).toBe("hello");
    await expect(read({ "content-length": "5", "x-amz-content-sha256": sha256 }, "hellx")).rejects.toMatchObject({
      code: "XAmzContentSHA256Mismatch",
    });
  });

  it("takes an aws-chunked body of an announced decoded length, in HTTP chunks too", async () => {
    const streaming = { "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "transfer-encoding": "chunked" };
    expect(await read({ ...streaming, "x-amz-decoded-content-length": "5" }, "5\r\nhello\r\n0\r\n\r\n")).toBe("hello");
    await expect(read(streaming, "0\r\n\r\n")).rejects.toMatchObject({ code: "MissingContentLength" });
  });

  it("does not take chunks that are signed one by one, and says so", async () => {
    const headers = { "content-length": "5", "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" };
    await expect(read(headers, "hello")).rejects.toMatchObject({ code: "NotImplemented" });
  });
});
