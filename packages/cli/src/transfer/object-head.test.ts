import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isComposite, parseObjectHead } from "./object-head.ts";

describe("the head of an answer", () => {
  it("says how large the whole object is, also when a part of it comes", () => {
    expect(parseObjectHead({ "content-length": "5" }).size).toBe(5);
    expect(parseObjectHead({ "content-length": "5", "content-range": "bytes 5-9/10" }).size).toBe(10);
    expect(parseObjectHead({}).size).toBeUndefined();
    expect(parseObjectHead({ "content-length": "-1" }).size).toBeUndefined();
  });

  it("tells a checksum of the object from one of its parts' checksums", () => {
    const { checksum } = parseObjectHead({ "x-amz-checksum-crc32c": "AAAAAA==", "x-amz-checksum-type": "FULL_OBJECT" });
    expect(checksum).toEqual({ algorithm: "CRC32C", value: "AAAAAA==" });
    expect(isComposite({ algorithm: "CRC32C", value: "AAAAAA==" })).toBe(false);
    expect(isComposite({ algorithm: "CRC32C", value: "AAAAAA==-12" })).toBe(true);
  });

  it("has the metadata under their own names", () => {
    expect(parseObjectHead({ "x-amz-meta-commit": "4f2a", etag: '"1"' }).metadata).toEqual({ commit: "4f2a" });
  });

  it("is read without harm, whatever it holds", () => {
    const name = fc.oneof(
      fc.constantFrom("content-length", "content-range", "etag", "x-amz-checksum-sha256", "x-amz-meta-__proto__"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.dictionary(name, fc.oneof(fc.string(), fc.array(fc.string()))), (headers) => {
        const { size = 0 } = parseObjectHead(headers);
        return Number.isSafeInteger(size) && size >= 0;
      }),
    );
  });
});
