import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "./error-code.ts";
import { mirrorHeaders } from "./header.ts";
import { OPERATION_LIST, type Operation, type OperationName } from "./operation.ts";

function operation(name: OperationName): Operation {
  return { name, key: "k", query: {} };
}

function mirror(name: OperationName, headers: Record<string, string>): Readonly<Record<string, string>> {
  return mirrorHeaders(operation(name), new Headers(headers));
}

function codeOf(name: OperationName, headers: Record<string, string>): string | undefined {
  try {
    mirror(name, headers);
    return undefined;
  } catch (error) {
    return error instanceof ProtocolError ? error.code : "not a ProtocolError";
  }
}

describe("mirrorHeaders", () => {
  it("signs what a PUT carries and leaves the client's own headers to the client", () => {
    const signed = {
      "content-length": "5",
      "content-type": "text/plain",
      "content-md5": "XUFAKrxLKna5cZ2REBfFkg==",
      "content-encoding": "gzip",
      "content-disposition": "attachment",
      "content-language": "de",
      "cache-control": "max-age=1",
      expires: "0",
      "if-none-match": "*",
      "x-amz-checksum-crc32": "NhCmhg==",
      "x-amz-sdk-checksum-algorithm": "CRC32",
      "x-amz-meta-a": "1",
    };
    const own = {
      authorization: "Bearer t",
      cookie: "c=1",
      "user-agent": "curl",
      accept: "*/*",
      "x-api-key": "k",
      origin: "null",
    };
    expect(mirror("PutObject", { ...signed, ...own })).toEqual(signed);
  });

  it("leaves Range and the conditions of a GET to the client", () => {
    const headers = {
      range: "bytes=0-1",
      "if-none-match": '"e"',
      "if-match": '"e"',
      "if-modified-since": "x",
      "x-amz-checksum-mode": "ENABLED",
    };
    expect(mirror("GetObject", headers)).toEqual({ "x-amz-checksum-mode": "ENABLED" });
  });

  it("takes the announced size of a bodiless request for its length", () => {
    expect(mirror("PutObject", { "s3r-content-length": "7", "content-length": "0" })).toEqual({
      "content-length": "7",
    });
    expect(mirror("PutObject", { "s3r-content-length": "7", "content-length": "7" })).toEqual({
      "content-length": "7",
    });
    expect(mirror("UploadPart", { "content-length": "0" })).toEqual({});
  });

  it.each([
    "x-amz-acl",
    "x-amz-grant-read",
    "x-amz-copy-source",
    "x-amz-website-redirect-location",
    "x-amz-tagging",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-security-token",
    "x-amz-date",
    "x-amz-content-sha256",
    "x-amz-storage-class",
  ])("refuses %s on every operation", (name) => {
    for (const { name: operationName } of OPERATION_LIST)
      expect(codeOf(operationName, { [name]: "v" })).toBe("InvalidHeader");
  });

  it.each<[OperationName, Record<string, string>, string]>([
    ["PutObject", { "transfer-encoding": "chunked" }, "LengthRequired"],
    ["PutObject", { "content-length": String(5 * 1024 ** 3 + 1) }, "EntityTooLarge"],
    ["PutObject", { "s3r-content-length": String(5 * 1024 ** 3 + 1) }, "EntityTooLarge"],
    ["PutObject", { "content-length": "1e9" }, "InvalidHeader"],
    ["PutObject", { "content-length": "" }, "InvalidHeader"],
    ["PutObject", { "s3r-content-length": "-1" }, "InvalidHeader"],
    ["PutObject", { "content-length": "6", "s3r-content-length": "7" }, "InvalidHeader"],
    ["PutObject", { "if-none-match": '"e"' }, "InvalidHeader"],
    ["UploadPart", { "if-none-match": "*" }, "InvalidHeader"],
    ["CreateMultipartUpload", { "if-match": '"e"' }, "InvalidHeader"],
    ["DeleteObject", { "if-none-match": "*" }, "InvalidHeader"],
    ["GetObject", { "x-amz-meta-a": "1" }, "InvalidHeader"],
    ["GetObject", { "x-amz-checksum-crc32": "x" }, "InvalidHeader"],
    ["PutObject", { "x-amz-meta-a": "\u00E9" }, "InvalidHeader"],
    ["PutObject", { "x-amz-meta-a": "a\tb" }, "InvalidHeader"],
  ])("refuses %s with %j: %s", (name, headers, code) => {
    expect(codeOf(name, headers)).toBe(code);
  });

  it("takes exactly 5 GiB in one PUT", () => {
    expect(mirror("PutObject", { "content-length": String(5 * 1024 ** 3) })).toEqual({
      "content-length": "5368709120",
    });
  });

  it("ignores the header that CloudFront adds on the way", () => {
    expect(mirror("GetObject", { "x-amz-cf-id": "abc" })).toEqual({});
  });

  it("signs every x-amz-* header or refuses the request, whatever its name", () => {
    const name = fc.stringMatching(/^[a-z0-9-]{1,20}$/u).map((suffix) => `x-amz-${suffix}`);
    fc.assert(
      fc.property(fc.constantFrom(...OPERATION_LIST), name, (spec, header) => {
        const refused = codeOf(spec.name, { [header]: "v" }) === "InvalidHeader";
        expect(refused || mirror(spec.name, { [header]: "v" })[header] === "v").toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
