import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { selectHeaders } from "./signed-headers.ts";

function url(signedHeaders: string): URL {
  return new URL(`https://store.example/k?X-Amz-SignedHeaders=${signedHeaders}`);
}

describe("selectHeaders", () => {
  it("sends what is signed, and of the rest what S3 takes unsigned", () => {
    const announced = {
      "content-type": "text/plain",
      "if-none-match": "*",
      "x-amz-meta-a": "1",
      "x-amz-checksum-crc32": "A",
    };
    expect(selectHeaders(url("host%3Bx-amz-meta-a"), announced)).toEqual({
      headers: { "content-type": "text/plain", "if-none-match": "*", "x-amz-meta-a": "1" },
      unsigned: ["x-amz-checksum-crc32"],
    });
  });

  it("takes a URL that names nothing as one that signs nothing", () => {
    expect(selectHeaders(new URL("https://store.example/k"), { "x-amz-meta-a": "1" }).headers).toEqual({});
  });

  it("never sends an unsigned x-amz-* header, and loses none without saying so", () => {
    const name = fc.stringMatching(/^(?:x-amz-)?[a-z][a-z-]{0,9}$/u);
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), fc.array(name), (announced, signed) => {
        const { headers, unsigned } = selectHeaders(url(encodeURIComponent(signed.join(";"))), announced);
        for (const each of Object.keys(headers)) expect(!each.startsWith("x-amz-") || signed.includes(each)).toBe(true);
        expect([...Object.keys(headers), ...unsigned].sort()).toEqual(Object.keys(announced).sort());
      }),
    );
  });
});
