import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startStore, type TestStore } from "./testing/start-store.ts";

let store: TestStore;

beforeAll(async () => {
  store = await startStore();
  await store.call("PUT", "/k", { body: "hello" });
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

const NOW = Date.now();

describe("a presigned URL", () => {
  it("opens exactly what it was signed for", async () => {
    expect((await store.send("GET", await store.presign("GET", "/k"))).body.toString()).toBe("hello");
  });

  it.each<[string, number, string, () => Promise<string>]>([
    [
      "another key",
      403,
      "SignatureDoesNotMatch",
      async () => (await store.presign("GET", "/k")).replace("/dev/k?", "/dev/other?"),
    ],
    [
      "another bucket",
      403,
      "SignatureDoesNotMatch",
      async () => (await store.presign("GET", "/k")).replace("/dev/", "/top/"),
    ],
    [
      "an added parameter",
      403,
      "SignatureDoesNotMatch",
      async () => `${await store.presign("GET", "/k")}&response-content-type=text/html`,
    ],
    [
      "a changed expiry",
      403,
      "SignatureDoesNotMatch",
      async () => (await store.presign("GET", "/k")).replace("Expires=300", "Expires=301"),
    ],
    [
      "a changed signature",
      403,
      "SignatureDoesNotMatch",
      async () => (await store.presign("GET", "/k")).replace(/[0-9a-f]{4}$/u, "0000"),
    ],
    [
      "no signature",
      400,
      "AuthorizationQueryParametersError",
      async () => (await store.presign("GET", "/k")).replace(/&X-Amz-Signature=.*$/u, ""),
    ],
    [
      "a repeated parameter",
      400,
      "InvalidArgument",
      async () => `${await store.presign("GET", "/k")}&X-Amz-Expires=300`,
    ],
    ["nothing signed at all", 403, "AccessDenied", () => Promise.resolve(`${store.origin}/dev/k`)],
    [
      "an expired one",
      403,
      "AccessDenied",
      () => store.presign("GET", "/k", { signingDate: new Date(NOW - 600_000), expiresIn: 300 }),
    ],
    [
      "one from the future",
      403,
      "AccessDenied",
      () => store.presign("GET", "/k", { signingDate: new Date(NOW + 3_600_000) }),
    ],
    [
      "another region",
      400,
      "AuthorizationQueryParametersError",
      () => store.presign("GET", "/k", { region: "eu-west-1" }),
    ],
    [
      "an unknown key",
      403,
      "InvalidAccessKeyId",
      () => store.presign("GET", "/k", { keyPair: { accessKeyId: "A", secretAccessKey: "s" } }),
    ],
    [
      "a wrong secret",
      403,
      "SignatureDoesNotMatch",
      () => store.presign("GET", "/k", { keyPair: { ...store.keyPair, secretAccessKey: "wrong" } }),
    ],
  ])("with %s is refused with %i %s", async (_name, status, code, url) => {
    expect(await store.send("GET", await url())).toMatchObject({ status, code });
  });

  it.each(["0", "604801", "-1", "soon"])("that expires in %s seconds is refused with 400", async (expires) => {
    const url = (await store.presign("GET", "/k")).replace("X-Amz-Expires=300", `X-Amz-Expires=${expires}`);
    expect(await store.send("GET", url)).toMatchObject({ status: 400, code: "AuthorizationQueryParametersError" });
  });

  it("is for its own method: HEAD is not GET", async () => {
    expect((await store.send("HEAD", await store.presign("GET", "/k"))).status).toBe(403);
    expect((await store.send("HEAD", await store.presign("HEAD", "/k"))).status).toBe(200);
    expect(await store.send("DELETE", await store.presign("GET", "/k"))).toMatchObject({
      status: 403,
      code: "SignatureDoesNotMatch",
    });
  });

  it("holds the headers that were signed to their values", async () => {
    const headers = { "content-type": "text/plain", "content-length": "5", "x-amz-meta-a": "1" };
    const url = await store.presign("PUT", "/signed", { headers });
    const sendWith = (sent: Record<string, string>) => store.send("PUT", url, { headers: sent, body: "hello" });
    expect(await sendWith({ ...headers, "content-type": "text/html" })).toMatchObject({
      status: 403,
      code: "SignatureDoesNotMatch",
    });
    expect(await sendWith({ "content-type": "text/plain", "content-length": "5" })).toMatchObject({
      status: 403,
      code: "SignatureDoesNotMatch",
    });
    expect(
      await store.send("PUT", url, { headers: { ...headers, "content-length": "6" }, body: "hello!" }),
    ).toMatchObject({ status: 403 });
    expect(await sendWith(headers)).toMatchObject({ status: 200 });
  });

  it("refuses an x-amz header that it does not cover, and names it", async () => {
    const refused = await store.send("PUT", await store.presign("PUT", "/k"), {
      headers: { "x-amz-acl": "public-read" },
      body: "x",
    });
    expect(refused).toMatchObject({ status: 403, code: "AccessDenied" });
    expect(refused.body.toString()).toContain("<HeadersNotSigned>x-amz-acl</HeadersNotSigned>");
  });

  it("refuses Authorization beside it", async () => {
    const refused = await store.send("GET", await store.presign("GET", "/k"), {
      headers: { authorization: "Bearer t" },
    });
    expect(refused).toMatchObject({ status: 400, code: "InvalidArgument" });
    expect(refused.body.toString()).toContain("Only one auth mechanism allowed");
  });

  it("is refused before its body is invited", async () => {
    const socket = connect(Number(new URL(store.origin).port), "127.0.0.1");
    socket.write(`PUT /dev/k HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
    const received: unknown[] = await once(socket, "data");
    expect(String(received[0])).toMatch(/^HTTP\/1\.1 403 /u);
    socket.destroy();
  });

  it("tells neither the secret nor the expected signature when it does not match", async () => {
    const url = (await store.presign("GET", "/k")).replace(/[0-9a-f]{4}$/u, "0000");
    const { body } = await store.send("GET", url);
    expect(body.toString()).not.toContain(store.keyPair.secretAccessKey);
    expect(body.toString()).not.toMatch(/[0-9a-f]{64}/u);
  });
});
