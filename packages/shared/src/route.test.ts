import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "./error-code.ts";
import { OPERATION_LIST, OPERATIONS, type Operation, type OperationName } from "./operation.ts";
import { parseObjectKey } from "./object-key.ts";
import { formatRoute, parseRoute } from "./route.ts";

function refusal(method: string, target: string): ProtocolError | undefined {
  try {
    parseRoute(method, target);
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

describe("parseRoute", () => {
  it.each<[string, string, OperationName, string, Record<string, string>]>([
    ["GET", "/k", "GetObject", "k", {}],
    ["GET", "/k?versionId=v1", "GetObject", "k", { versionId: "v1" }],
    [
      "GET",
      "/k?response-content-disposition=attachment%3B%20filename%3Da.txt",
      "GetObject",
      "k",
      { "response-content-disposition": "attachment; filename=a.txt" },
    ],
    ["HEAD", "/a%20b/c", "HeadObject", "a b/c", {}],
    ["PUT", "/k", "PutObject", "k", {}],
    ["DELETE", "/k", "DeleteObject", "k", {}],
    ["GET", "/?list-type=2", "ListObjectsV2", "", { "list-type": "2" }],
    [
      "GET",
      "/builds/?list-type=2&delimiter=/&max-keys=5&start-after=a+b",
      "ListObjectsV2",
      "builds/",
      { "list-type": "2", delimiter: "/", "max-keys": "5", "start-after": "a b" },
    ],
    ["POST", "/k?uploads", "CreateMultipartUpload", "k", { uploads: "" }],
    ["POST", "/k?uploads=", "CreateMultipartUpload", "k", { uploads: "" }],
    ["PUT", "/k?partNumber=10000&uploadId=u", "UploadPart", "k", { partNumber: "10000", uploadId: "u" }],
    [
      "GET",
      "/k?uploadId=u&part-number-marker=0&max-parts=2",
      "ListParts",
      "k",
      { uploadId: "u", "part-number-marker": "0", "max-parts": "2" },
    ],
    ["POST", "/k?uploadId=u", "CompleteMultipartUpload", "k", { uploadId: "u" }],
    ["DELETE", "/k?uploadId=u", "AbortMultipartUpload", "k", { uploadId: "u" }],
  ])("reads %s %s as %s", (method, target, name, key, query) => {
    expect(parseRoute(method, target)).toEqual({ name, key, query });
  });

  it("drops what has no meaning to S3", () => {
    expect(parseRoute("GET", "/k?x-id=GetObject&utm_source=a&utm_source=b&&=")).toEqual({
      name: "GetObject",
      key: "k",
      query: {},
    });
  });

  it.each([
    ["GET", "/k?acl", "acl"],
    ["GET", "/k?policy", "policy"],
    ["PUT", "/k?tagging", "tagging"],
    ["GET", "/k?torrent", "torrent"],
    ["GET", "/k?versionId=", "versionId"],
    ["DELETE", "/k?versionId=v", "versionId"],
    ["GET", "/k?uploads", "uploads"],
    ["PUT", "/k?X-Amz-Expires=604800", "X-Amz-Expires"],
    ["GET", "/k?x-amz-acl=public-read", "x-amz-acl"],
    ["GET", "/k?response-content-type=text/html", "response-content-type"],
    ["GET", "/k?response-content-disposition=inline", "response-content-disposition"],
    ["GET", "/k?response-content-disposition=attachment%0d%0aX:y", "response-content-disposition"],
    ["GET", "/k?partNumber=1", "partNumber"],
    ["PUT", "/k?uploadId=u", "uploadId"],
    ["PUT", "/k?partNumber=0&uploadId=u", "partNumber"],
    ["PUT", "/k?partNumber=10001&uploadId=u", "partNumber"],
    ["PUT", "/k?partNumber=5abc&uploadId=u", "partNumber"],
    ["PUT", "/k?partNumber=01&uploadId=u", "partNumber"],
    ["PUT", "/k?partNumber=1&partNumber=2&uploadId=u", "partNumber"],
    ["PUT", "/k?partNumber=1&uploadId=", "uploadId"],
    ["GET", "/?list-type=1", "list-type"],
    ["GET", "/?list-type=2&prefix=a", "prefix"],
    ["GET", "/?list-type=2&max-keys=1001", "max-keys"],
    ["GET", "/k?uploadId=u&max-parts=-1", "max-parts"],
    ["HEAD", "/?list-type=2", "list-type"],
  ])("refuses %s %s, naming %s", (method, target, parameter) => {
    const error = refusal(method, target);
    expect(error?.code).toBe("InvalidRequest");
    expect(error?.message).toContain(`\`${parameter}\``);
  });

  it.each([
    ["POST", "/k", "MethodNotAllowed"],
    ["PATCH", "/k", "MethodNotAllowed"],
    ["get", "/k", "MethodNotAllowed"],
    ["TRACE", "/k", "MethodNotAllowed"],
    ["POST", "/?delete", "NotImplemented"],
    ["POST", "/k?restore", "NotImplemented"],
    ["POST", "/k?select&select-type=2", "NotImplemented"],
    ["GET", "/", "InvalidKey"],
    ["GET", "//x", "InvalidKey"],
    ["GET", "/a//b", "InvalidKey"],
    ["GET", "//evil.com/x", "InvalidKey"],
    ["GET", "/a#b", "InvalidKey"],
    ["GET", "/a/../b", "InvalidKey"],
    ["GET", "/a/%2e%2e/b", "InvalidKey"],
    ["GET", "/a/.%2E/b", "InvalidKey"],
    ["GET", "/a%2f..%2fb", "InvalidKey"],
    ["GET", "/a%5cb", "InvalidKey"],
    ["GET", "/a%00", "InvalidKey"],
    ["GET", "/%2Es3r/health", "InvalidKey"],
    ["GET", "http://evil/x", "InvalidRequest"],
    ["GET", "*", "InvalidRequest"],
    ["GET", "", "InvalidRequest"],
    ["GET", "/k?a=%zz", "InvalidRequest"],
    ["GET", `/${"a".repeat(8192)}`, "UriTooLong"],
  ])("answers %s %s with %s", (method, target, code) => {
    expect(refusal(method, target)?.code).toBe(code);
  });

  it("names the allowed methods with a 405", () => {
    expect(refusal("PATCH", "/k")?.headers["allow"]).toContain("PUT");
  });

  it("never throws anything but a ProtocolError, whatever the target", () => {
    const method = fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD", "BREW");
    const piece = fc.oneof(
      fc.constantFrom("%2e", "..", "/", "%", "?", "&", "=", "uploadId", "partNumber", "__proto__", "constructor"),
      fc.string(),
    );
    const target = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join("")}`);
    fc.assert(
      fc.property(method, target, (verb, path) => {
        expect(() => refusal(verb, path)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

/** Values that each parameter accepts. */
const VALUES: Record<string, fc.Arbitrary<string>> = {
  uploads: fc.constant(""),
  "list-type": fc.constant("2"),
  partNumber: fc.integer({ min: 1, max: 10_000 }).map(String),
};

function isKey(text: string): boolean {
  try {
    return parseObjectKey(text) === text;
  } catch {
    return false;
  }
}

const anyOperation: fc.Arbitrary<Operation> = fc.constantFrom(...OPERATION_LIST).chain((spec) =>
  fc.record({
    name: fc.constant(spec.name),
    key: fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).filter(isKey),
    query: fc.record(
      Object.fromEntries(
        Object.keys(spec.selectors).map((name) => [name, VALUES[name] ?? fc.base64String({ minLength: 1 })]),
      ),
    ),
  }),
);

describe("formatRoute", () => {
  it("is the inverse of parseRoute, for any operation and any key", () => {
    fc.assert(
      fc.property(anyOperation, (operation) => {
        const { method, path } = formatRoute(operation);
        expect(method).toBe(OPERATIONS[operation.name].method);
        expect(parseRoute(method, path)).toEqual(operation);
      }),
      { numRuns: 150 },
    );
  });
});
