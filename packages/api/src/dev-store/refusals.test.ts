import aws4 from "aws4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startStore, type Answer, type TestStore } from "./testing/start-store.ts";

let store: TestStore;

beforeAll(async () => {
  store = await startStore();
  await store.call("PUT", "/k", { body: "hello" });
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

/** A header-signed PUT of an aws-chunked body that announces a trailing CRC32. */
async function putWithTrailer(body: string): Promise<Answer> {
  const headers = {
    host: new URL(store.origin).host,
    "content-length": String(Buffer.byteLength(body)),
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-date": new Date().toISOString().replaceAll(/[:-]|\.\d{3}/gu, ""),
    "x-amz-decoded-content-length": "5",
    "x-amz-trailer": "x-amz-checksum-crc32",
  };
  const request = { service: "s3", region: "us-east-1", method: "PUT", path: "/dev/trailer", headers: { ...headers } };
  const { Authorization: authorization } = aws4.sign(request, store.keyPair).headers ?? {};
  return await store.send("PUT", `${store.origin}/dev/trailer`, {
    headers: { ...headers, authorization: String(authorization) },
    body,
  });
}

describe("the store refuses", () => {
  it.each(["a\r\nset-cookie: b", 'attachment; filename="日本.txt"', "a\0"])(
    "an override that is no header value: %j",
    async (value) => {
      const refused = await store.call("GET", "/k", { query: { "response-content-disposition": value } });
      expect(refused).toMatchObject({ status: 400, code: "InvalidArgument" });
      expect(refused.body.toString()).toContain("<ArgumentName>response-content-disposition</ArgumentName>");
    },
  );

  it("to copy a part, instead of keeping an empty one", async () => {
    const created = await store.call("POST", "/copy", { query: { uploads: "" } });
    const uploadId = /<UploadId>(.*?)<\/UploadId>/u.exec(created.body.toString())?.[1] ?? "";
    const headers = { "x-amz-copy-source": "/dev/k" };
    expect(await store.call("PUT", "/copy", { query: { partNumber: "1", uploadId }, headers, body: "" })).toMatchObject(
      { status: 501, code: "NotImplemented" },
    );
  });

  it("a session token, which its permanent key pair cannot have", async () => {
    const query = { "X-Amz-Security-Token": "made-up" };
    expect(await store.call("GET", "/k", { query })).toMatchObject({ status: 400, code: "InvalidToken" });
    const headers = { "x-amz-security-token": "made-up" };
    expect(await store.call("GET", "/k", { headers })).toMatchObject({ status: 400, code: "InvalidToken" });
  });

  it.each<[string, Record<string, string>]>([
    ["without its checksum", { "x-amz-sdk-checksum-algorithm": "CRC32" }],
    ["beside another's", { "x-amz-sdk-checksum-algorithm": "SHA1", "x-amz-checksum-crc32": "NhCmhg==" }],
  ])("an SDK's checksum algorithm %s", async (_name, headers) => {
    expect(await store.call("PUT", "/algorithm", { headers, body: "hello" })).toMatchObject({
      status: 400,
      code: "InvalidRequest",
    });
    expect((await store.call("GET", "/algorithm")).status).toBe(404);
  });

  it.each([
    ["that does not come", "5\r\nhello\r\n0\r\n\r\n", "MalformedTrailerError"],
    ["that is not true", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest"],
  ])("a trailer %s", async (_name, body, code) => {
    expect(await putWithTrailer(body)).toMatchObject({ status: 400, code });
    expect((await store.call("GET", "/trailer")).status).toBe(404);
    const whole = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    expect(await putWithTrailer(whole)).toMatchObject({ status: 200 });
    await store.call("DELETE", "/trailer");
  });

  it("a chunk without a size, and is heard while the body still comes", async () => {
    expect(await putWithTrailer(`zz\r\n${"x".repeat(4_000_000)}`)).toMatchObject({
      status: 400,
      code: "IncompleteBody",
    });
  });

  it.each(["XUFAKrxLKna5cZ2REBfFkg", "XUFAKrxLKna5cZ2REBfFkg==!!"])(
    "a Content-MD5 that is not quite base64: %s",
    async (value) => {
      expect(await store.call("PUT", "/md5", { headers: { "content-md5": value }, body: "hello" })).toMatchObject({
        status: 400,
        code: "InvalidDigest",
      });
    },
  );

  it.each<[string, Record<string, string>]>([
    ["MD5", { "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" }],
    ["checksum", { "x-amz-checksum-crc32": "AAAAAA==" }],
  ])("to delete by a list whose %s differs", async (_name, headers) => {
    const body = "<Delete><Object><Key>k</Key></Object></Delete>";
    expect(await store.call("POST", "/", { query: { delete: "" }, headers, body })).toMatchObject({
      status: 400,
      code: "BadDigest",
    });
    expect((await store.call("GET", "/k")).status).toBe(200);
  });
});
