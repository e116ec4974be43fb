import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { encodeObjectKey } from "@s3r/shared";
import { CHECKSUM_LIST, createChecksum } from "@s3r/shared/checksum";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSocket, readAnswer } from "../testing/raw-http.ts";
import { startStore, type TestStore } from "./testing/start-store.ts";

let store: TestStore;

beforeAll(async () => {
  store = await startStore();
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

describe("PutObject and GetObject", () => {
  it("keep bytes, content headers and metadata", async () => {
    const headers = {
      "content-type": "text/plain",
      "cache-control": "max-age=5",
      "content-encoding": "gzip",
      "content-disposition": "attachment",
      "content-language": "de",
      expires: "0",
      "x-amz-meta-commit": "4f2a91c",
    };
    const put = await store.call("PUT", "/kept", { headers, body: "hello" });
    expect(put).toMatchObject({ status: 200, headers: { etag: `"${md5("hello")}"` } });
    const got = await store.call("GET", "/kept");
    expect(got).toMatchObject({
      status: 200,
      headers: { ...headers, etag: `"${md5("hello")}"`, "content-length": "5", "accept-ranges": "bytes" },
    });
    expect(got.body.toString()).toBe("hello");
    expect(got.headers["x-amz-request-id"]).toMatch(/^[0-9A-F]{16}$/u);
  });

  it("keep an empty object, and replace whole ones", async () => {
    await store.call("PUT", "/replaced", { headers: { "x-amz-meta-a": "1" }, body: "first" });
    await store.call("PUT", "/replaced", { body: "" });
    const got = await store.call("GET", "/replaced");
    expect(got).toMatchObject({ status: 200, headers: { "content-length": "0" } });
    expect(got.headers["x-amz-meta-a"]).toBeUndefined();
  });

  it("take any key that is valid Unicode", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1, maxLength: 60 }), fc.string(), async (key, text) => {
        fc.pre(!key.split("/").some((segment) => ["", ".", ".."].includes(segment)));
        const path = `/${encodeObjectKey(key)}`;
        expect(await store.call("PUT", path, { body: text })).toMatchObject({ status: 200 });
        expect((await store.call("GET", path)).body.toString()).toBe(text);
      }),
      { numRuns: 20 },
    );
  });

  it("answer 404 for what is not there, and 204 for deleting it", async () => {
    expect(await store.call("GET", "/none")).toMatchObject({ status: 404, code: "NoSuchKey" });
    expect(await store.call("HEAD", "/none")).toMatchObject({ status: 404, body: Buffer.alloc(0) });
    expect(await store.call("DELETE", "/none")).toMatchObject({ status: 204 });
  });

  it("honour the overrides that are signed", async () => {
    await store.call("PUT", "/override", { body: "x" });
    const got = await store.call("GET", "/override", {
      query: { "response-content-disposition": "attachment; filename=a.txt" },
    });
    expect(got.headers["content-disposition"]).toBe("attachment; filename=a.txt");
  });

  it.each([
    ["a key of 1,025 bytes", "PUT", `/${"k".repeat(1025)}`, {}, 400, "KeyTooLongError"],
    ["a wrong MD5", "PUT", "/bad", { "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" }, 400, "BadDigest"],
    ["an MD5 that is none", "PUT", "/bad", { "content-md5": "abc" }, 400, "InvalidDigest"],
    ["a wrong checksum", "PUT", "/bad", { "x-amz-checksum-crc32": "AAAAAA==" }, 400, "BadDigest"],
    ["a checksum that is none", "PUT", "/bad", { "x-amz-checksum-sha256": "AAAA" }, 400, "InvalidRequest"],
    [
      "two checksums",
      "PUT",
      "/bad",
      { "x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-sha1": "AAAA" },
      400,
      "InvalidRequest",
    ],
    ["a copy", "PUT", "/bad", { "x-amz-copy-source": "/dev/secret" }, 501, "NotImplemented"],
    ["a public ACL", "PUT", "/bad", { "x-amz-acl": "public-read" }, 501, "NotImplemented"],
    ["a condition that S3 does not know", "PUT", "/bad", { "if-none-match": '"e"' }, 501, "NotImplemented"],
  ])("refuse %s, and keep nothing", async (_name, method, path, headers, status, code) => {
    expect(await store.call(method, path, { headers, body: "hello" })).toMatchObject({ status, code });
    expect((await store.call("GET", "/bad")).status).toBe(404);
  });

  it("refuse a chunked body with 501", async () => {
    const url = await store.presign("PUT", "/unknown-length");
    const sent = { headers: { "transfer-encoding": "chunked" }, body: "hello" };
    expect(await store.send("PUT", url, sent)).toMatchObject({ status: 501, code: "NotImplemented" });
  });

  it.each([
    ["without a length", {}, [], 411, "MissingContentLength"],
    ["above 5 GiB", { "content-length": "5368709121" }, ["Content-Length: 5368709121"], 400, "EntityTooLarge"],
  ])("refuse a body %s before it is sent", async (_name, headers, lines, status, code) => {
    const url = new URL(await store.presign("PUT", "/unsent", { headers }));
    const socket = await openSocket(Number(url.port));
    const head = [`PUT ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`, "Expect: 100-continue", ...lines];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    const answer = await readAnswer(socket);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(`<Code>${code}</Code>`);
  });
});

describe("checksums", () => {
  it.each(CHECKSUM_LIST)(
    "$algorithm are verified, kept and given back when asked for",
    async ({ algorithm, header }) => {
      const checksum = await createChecksum(algorithm);
      checksum.update(Buffer.from("hello"));
      const value = checksum.digest();
      expect(await store.call("PUT", "/summed", { headers: { [header]: value }, body: "hello" })).toMatchObject({
        status: 200,
        headers: { [header]: value },
      });
      expect((await store.call("GET", "/summed")).headers[header]).toBeUndefined();
      const asked = await store.call("GET", "/summed", { headers: { "x-amz-checksum-mode": "ENABLED" } });
      expect(asked.headers).toMatchObject({ [header]: value, "x-amz-checksum-type": "FULL_OBJECT" });
    },
  );
});

describe("Range", () => {
  const TEXT = "0123456789";

  beforeAll(async () => {
    await store.call("PUT", "/digits", { body: TEXT });
  });

  it.each([
    ["bytes=0-0", 206, "0", "bytes 0-0/10"],
    ["bytes=2-4", 206, "234", "bytes 2-4/10"],
    ["bytes=5-", 206, "56789", "bytes 5-9/10"],
    ["bytes=-3", 206, "789", "bytes 7-9/10"],
    ["bytes=-99", 206, TEXT, "bytes 0-9/10"],
    ["bytes=8-99", 206, "89", "bytes 8-9/10"],
    ["bytes=4-2", 200, TEXT, undefined],
    ["bytes=0-1,3-4", 200, TEXT, undefined],
    ["lines=0-1", 200, TEXT, undefined],
  ])("%s is answered with %i", async (range, status, text, contentRange) => {
    const url = await store.presign("GET", "/digits");
    const got = await store.send("GET", url, { headers: { range } });
    expect(got).toMatchObject({ status, headers: { "content-length": String(text.length) } });
    expect(got.headers["content-range"]).toBe(contentRange);
    expect(got.body.toString()).toBe(text);
  });

  it.each(["bytes=10-", "bytes=-0", "bytes=99-100"])("%s is not satisfiable", async (range) => {
    const got = await store.send("GET", await store.presign("GET", "/digits"), { headers: { range } });
    expect(got).toMatchObject({ status: 416, code: "InvalidRange", headers: { "content-range": "bytes */10" } });
  });

  it("gives the slice that was asked for, whichever it is", async () => {
    const url = await store.presign("GET", "/digits");
    await fc.assert(
      fc.asyncProperty(fc.nat(12), fc.nat(12), async (first, length) => {
        const last = first + length;
        const got = await store.send("GET", url, { headers: { range: `bytes=${first}-${last}` } });
        expect(got.status).toBe(first < 10 ? 206 : 416);
        expect(first < 10 ? got.body.toString() : TEXT.slice(first, last + 1)).toBe(TEXT.slice(first, last + 1));
      }),
      { numRuns: 20 },
    );
  });
});

describe("conditions", () => {
  const etag = `"${md5("one")}"`;

  beforeAll(async () => {
    await store.call("PUT", "/one", { body: "one" });
  });

  it.each<[string, Record<string, string>, number]>([
    ["a matching If-Match", { "if-match": etag }, 200],
    ["another If-Match", { "if-match": '"x"' }, 412],
    ["a matching If-None-Match", { "if-none-match": etag }, 304],
    ["another If-None-Match", { "if-none-match": '"x"' }, 200],
    ["If-Modified-Since the future", { "if-modified-since": new Date(Date.now() + 60_000).toUTCString() }, 304],
    ["If-Modified-Since the past", { "if-modified-since": new Date(0).toUTCString() }, 200],
    ["If-Unmodified-Since the past", { "if-unmodified-since": new Date(0).toUTCString() }, 412],
    [
      "a matching If-Match and an old date",
      { "if-match": etag, "if-unmodified-since": new Date(0).toUTCString() },
      200,
    ],
  ])("a GET with %s is answered with %i", async (_name, headers, status) => {
    expect((await store.send("GET", await store.presign("GET", "/one"), { headers })).status).toBe(status);
  });

  it("let exactly one of sixteen writers make an object", async () => {
    const writes = Array.from({ length: 16 }, (_, writer) =>
      store.call("PUT", "/race", { headers: { "if-none-match": "*" }, body: `writer ${writer}` }),
    );
    const statuses = (await Promise.all(writes)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(15);
  });

  it("replace and delete by If-Match only what is still there", async () => {
    await store.call("PUT", "/swapped", { body: "a" });
    const headers = { "if-match": `"${md5("a")}"` };
    expect((await store.call("PUT", "/swapped", { headers: { "if-match": '"x"' }, body: "b" })).status).toBe(412);
    expect((await store.call("PUT", "/swapped", { headers, body: "b" })).status).toBe(200);
    expect((await store.call("DELETE", "/swapped", { headers })).status).toBe(412);
    expect((await store.call("PUT", "/missing", { headers, body: "b" })).status).toBe(404);
  });
});

describe("CORS", () => {
  it("answers a preflight without a signature", async () => {
    const headers = {
      origin: "null",
      "access-control-request-method": "PUT",
      "access-control-request-headers": "content-type",
    };
    expect(await store.send("OPTIONS", `${store.origin}/dev/k`, { headers })).toMatchObject({
      status: 200,
      headers: {
        "access-control-allow-origin": "*",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "3000",
      },
    });
  });

  it("lets a page read ETags, and errors", async () => {
    const got = await store.send("GET", await store.presign("GET", "/none"), {
      headers: { origin: "https://app.example" },
    });
    expect(got).toMatchObject({ status: 404, headers: { "access-control-allow-origin": "*" } });
    expect(got.headers["access-control-expose-headers"]).toContain("ETag");
  });
});
