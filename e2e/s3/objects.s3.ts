/** GET, HEAD, PUT and DELETE of whole objects. */
import { createHash, randomBytes } from "node:crypto";
import { contract, refusal } from "./contract.ts";
import { brief, pick } from "./brief.ts";
import { putTruncated } from "./put-truncated.ts";

function md5Etag(bytes: Uint8Array): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

contract(
  "PutObject",
  "stores the bytes that `curl -L -T` sends, and has their MD5 for an ETag",
  [307, 200, true],
  async (store) => {
    const body = randomBytes(70_000);
    const { statuses, headers } = await store.ask(store.key("bytes"), { method: "PUT", body });
    return [...statuses, headers["etag"] === md5Etag(body)];
  },
);

contract("PutObject", "stores zero bytes", [200, 200, "0", 0], async (store) => {
  const key = store.key("empty");
  const put = await store.ask(key, { method: "PUT", body: "" });
  const got = await store.ask(key, { method: "GET" });
  return [put.status, got.status, got.headers["content-length"], got.body.length];
});

contract("PutObject", "replaces what is there", [200, 200, "second"], async (store) => {
  const key = store.key("replaced");
  const first = await store.ask(key, { method: "PUT", body: "first, and longer" });
  const second = await store.ask(key, { method: "PUT", body: "second" });
  return [first.status, second.status, (await store.ask(key, { method: "GET" })).body.toString()];
});

contract("PutObject", "keeps nothing of a body that ends before its length", 404, async (store) => {
  const key = store.key("short");
  await putTruncated(await store.presign(key, { method: "PUT", headers: ["S3r-Content-Length: 10"] }), 10, "12345");
  return (await store.ask(key, { method: "HEAD" })).status;
});

contract("GetObject", "has the bytes that were put, for `curl -L`", [307, 200, true], async (store) => {
  const key = store.key("bytes");
  const body = randomBytes(70_000);
  await store.ask(key, { method: "PUT", body });
  const got = await store.ask(key, { method: "GET" });
  return [...got.statuses, got.body.equals(body)];
});

contract("GetObject", "is 404 NoSuchKey for what is not there", "404 NoSuchKey", async (store) =>
  brief(await store.ask(store.key("absent"), { method: "GET" })),
);

const CONTENT_HEADERS = {
  "content-type": "text/plain; charset=utf-8",
  "content-disposition": 'attachment; filename="a b.txt"',
  "content-encoding": "gzip",
  "content-language": "de",
  "cache-control": "max-age=60, public",
  expires: "Wed, 21 Oct 2065 07:28:00 GMT",
};

contract("GetObject", "has the content headers that were put", CONTENT_HEADERS, async (store) => {
  const key = store.key("headers");
  const headers = Object.entries(CONTENT_HEADERS).map(([name, value]) => `${name}: ${value}`);
  await store.ask(key, { method: "PUT", body: "x", headers });
  return pick((await store.ask(key, { method: "GET" })).headers, Object.keys(CONTENT_HEADERS));
});

const METADATA = { "x-amz-meta-commit": "4f2a91c", "x-amz-meta-note": "a b; c=d, e" };

contract("HeadObject", "has the metadata that were put", METADATA, async (store) => {
  const key = store.key("metadata");
  const headers = Object.entries(METADATA).map(([name, value]) => `${name}: ${value}`);
  await store.ask(key, { method: "PUT", body: "x", headers });
  return pick((await store.ask(key, { method: "HEAD" })).headers, Object.keys(METADATA));
});

contract(
  "HeadObject",
  "has length, type, ETag, date and Accept-Ranges",
  ["5", "text/x", md5Etag(Buffer.from("12345")), true, "bytes"],
  async (store) => {
    const key = store.key("head");
    await store.ask(key, { method: "PUT", body: "12345", headers: ["Content-Type: text/x"] });
    const { headers } = await store.ask(key, { method: "HEAD" });
    const age = Date.now() - Date.parse(headers["last-modified"] ?? "");
    return [
      headers["content-length"],
      headers["content-type"],
      headers["etag"],
      Math.abs(age) < 60_000,
      headers["accept-ranges"],
    ];
  },
);

contract(
  "HeadObject",
  "is 404 for what is not there",
  404,
  async (store) => (await store.ask(store.key("absent"), { method: "HEAD" })).status,
);

contract(
  "GetObject",
  "answers with the Content-Disposition that `response-content-disposition` asks for",
  'attachment; filename="b c.txt"',
  async (store) => {
    const key = store.key("disposition");
    await store.ask(key, { method: "PUT", body: "x" });
    const query = `response-content-disposition=${encodeURIComponent('attachment; filename="b c.txt"')}`;
    return (await store.ask(key, { method: "GET", query })).headers["content-disposition"];
  },
);

contract("DeleteObject", "is 204, and the object is gone", [307, 204, 404], async (store) => {
  const key = store.key("deleted");
  await store.ask(key, { method: "PUT", body: "x" });
  const { statuses } = await store.ask(key, { method: "DELETE" });
  return [...statuses, (await store.ask(key, { method: "HEAD" })).status];
});

contract(
  "DeleteObject",
  "is 204 for what is not there",
  204,
  async (store) => (await store.ask(store.key("absent"), { method: "DELETE" })).status,
);

const COPY_SOURCE = ["x-amz-copy-source: /another-bucket/secret"];

refusal(
  "PutObject",
  "takes no header that makes it another operation (`x-amz-copy-source`)",
  "400 InvalidHeader",
  async (store) => brief(await store.ask(store.key("copy"), { method: "PUT", body: "x", headers: COPY_SOURCE })),
);

refusal("PutObject", "takes no body without a length", "411 LengthRequired", async (store) =>
  brief(
    await store.ask(store.key("chunked"), {
      method: "PUT",
      body: "x",
      headers: ["Transfer-Encoding: chunked", "Content-Length:"],
    }),
  ),
);

refusal(
  "GetObject",
  "takes no parameter that makes it another operation (`acl`)",
  "400 InvalidRequest",
  async (store) => brief(await store.ask(store.key("acl"), { method: "GET", query: "acl" })),
);
