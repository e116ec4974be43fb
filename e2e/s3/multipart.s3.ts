/** Every step of an upload in parts. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
import { createHash } from "node:crypto";
import { contract } from "./contract.ts";
import { brief, pick } from "./brief.ts";
import { elementTexts } from "./element-texts.ts";
import { crc32Base64 } from "./digests.ts";
import { complete, createUpload, listParts, PART, sendPart, sendTwoParts, uploadQuery, type Upload } from "./upload.ts";
import type { Store } from "./store.ts";

const WHOLE = Buffer.concat([PART, Buffer.from("the end")]);

function md5Etag(bytes: string | Uint8Array): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

async function abort(store: Store, upload: Upload): Promise<number> {
  return (await store.ask(upload.key, { method: "DELETE", query: uploadQuery(upload) })).status;
}

async function headStatus(store: Store, { key }: Upload): Promise<number> {
  return (await store.ask(key, { method: "HEAD" })).status;
}

contract("CreateMultipartUpload", "makes nothing that can be read", [404, 204], async (store) => {
  const upload = await createUpload(store);
  return [await headStatus(store, upload), await abort(store, upload)];
});

const KEPT = { "content-type": "text/x", "cache-control": "max-age=60", "x-amz-meta-a": "1" };

contract("CreateMultipartUpload", "has its headers and metadata kept with the object", KEPT, async (store) => {
  const headers = Object.entries(KEPT).map(([name, value]) => `${name}: ${value}`);
  const upload = await createUpload(store, ...headers);
  await complete(store, upload, await sendTwoParts(store, upload));
  return pick((await store.ask(upload.key, { method: "HEAD" })).headers, Object.keys(KEPT));
});

contract("UploadPart", "has the MD5 of its bytes for an ETag", [307, 200, md5Etag("part")], async (store) => {
  const upload = await createUpload(store);
  const { statuses, headers } = await sendPart(store, upload, 1, { body: "part" });
  await abort(store, upload);
  return [...statuses, headers["etag"]];
});

contract("UploadPart", "refuses a wrong CRC32 of an upload with CRC32", "400 BadDigest", async (store) => {
  const upload = await createUpload(store, "x-amz-checksum-algorithm: CRC32");
  const headers = [`x-amz-checksum-crc32: ${crc32Base64("other")}`];
  const answer = await sendPart(store, upload, 1, { body: "part", headers });
  await abort(store, upload);
  return brief(answer);
});

contract("UploadPart", "refuses a body that is one byte longer than signed", [403, 0], async (store) => {
  const upload = await createUpload(store);
  const query = uploadQuery(upload, "partNumber=1&");
  const url = await store.presign(upload.key, { method: "PUT", query, headers: ["S3r-Content-Length: 4"] });
  const { status } = await store.askUrl({ method: "PUT", url, body: "parts" });
  const parts = elementTexts("PartNumber", (await listParts(store, upload)).body);
  await abort(store, upload);
  return [status, parts.length];
});

contract("UploadPart", "is 404 NoSuchUpload for an unknown upload", "404 NoSuchUpload", async (store) => {
  const upload = await createUpload(store);
  await abort(store, upload);
  return brief(await sendPart(store, upload, 1, { body: "part" }));
});

contract(
  "ListParts",
  "has numbers, sizes and ETags",
  [200, ["1", "2"], [String(PART.length), "7"], [md5Etag(PART), md5Etag("the end")]],
  async (store) => {
    const upload = await createUpload(store);
    await sendTwoParts(store, upload);
    const { status, body } = await listParts(store, upload);
    await abort(store, upload);
    return [status, elementTexts("PartNumber", body), elementTexts("Size", body), elementTexts("ETag", body)];
  },
);

contract("ListParts", "goes on behind a part", [["1"], ["true"], ["1"], ["2"], ["false"]], async (store) => {
  const upload = await createUpload(store);
  await sendTwoParts(store, upload);
  const first = (await listParts(store, upload, "max-parts=1&")).body;
  const rest = (await listParts(store, upload, "part-number-marker=1&")).body;
  await abort(store, upload);
  return [
    elementTexts("PartNumber", first),
    elementTexts("IsTruncated", first),
    elementTexts("NextPartNumberMarker", first),
    elementTexts("PartNumber", rest),
    elementTexts("IsTruncated", rest),
  ];
});

contract("ListParts", "has the part that was sent last under its number", [md5Etag("second")], async (store) => {
  const upload = await createUpload(store);
  await sendPart(store, upload, 1, { body: "first" });
  await sendPart(store, upload, 1, { body: "second" });
  const { body } = await listParts(store, upload);
  await abort(store, upload);
  return elementTexts("ETag", body);
});

contract("ListParts", "is 404 NoSuchUpload after Abort", [204, "404 NoSuchUpload"], async (store) => {
  const upload = await createUpload(store);
  const status = await abort(store, upload);
  return [status, brief(await listParts(store, upload))];
});

contract(
  "CompleteMultipartUpload",
  "makes one object of the parts, with an ETag of its own kind",
  [307, 200, true, true],
  async (store) => {
    const upload = await createUpload(store);
    const { statuses } = await complete(store, upload, await sendTwoParts(store, upload));
    const got = await store.ask(upload.key, { method: "GET" });
    return [...statuses, got.body.equals(WHOLE), /^"[0-9a-f]{32}-2"$/u.test(got.headers["etag"] ?? "")];
  },
);

contract("CompleteMultipartUpload", "refuses a part with another ETag", ["400 InvalidPart", 404], async (store) => {
  const upload = await createUpload(store);
  await sendPart(store, upload, 1, { body: "part" });
  const answer = await complete(store, upload, [{ number: 1, etag: md5Etag("another") }]);
  const status = await headStatus(store, upload);
  await abort(store, upload);
  return [brief(answer), status];
});

contract("CompleteMultipartUpload", "refuses parts in another order", "400 InvalidPartOrder", async (store) => {
  const upload = await createUpload(store);
  const parts = await sendTwoParts(store, upload, PART);
  const answer = await complete(store, upload, parts.toReversed());
  await abort(store, upload);
  return brief(answer);
});

contract(
  "CompleteMultipartUpload",
  "refuses a part below 5 MiB that is not the last",
  ["400 EntityTooSmall", 404],
  async (store) => {
    const upload = await createUpload(store);
    const sent = [
      await sendPart(store, upload, 1, { body: "small" }),
      await sendPart(store, upload, 2, { body: "end" }),
    ];
    const parts = sent.map(({ headers }, index) => ({ number: index + 1, etag: headers["etag"] ?? "" }));
    const answer = await complete(store, upload, parts);
    const status = await headStatus(store, upload);
    await abort(store, upload);
    return [brief(answer), status];
  },
);

contract(
  "CompleteMultipartUpload",
  "is 404 NoSuchUpload when there is no such upload any more",
  "404 NoSuchUpload",
  async (store) => {
    const upload = await createUpload(store);
    const { headers } = await sendPart(store, upload, 1, { body: "part" });
    await abort(store, upload);
    return brief(await complete(store, upload, [{ number: 1, etag: headers["etag"] ?? "" }]));
  },
);

contract(
  "CompleteMultipartUpload",
  "with If-None-Match: * is 412 where something is, and leaves it",
  ["412 PreconditionFailed", "first"],
  async (store) => {
    const upload = await createUpload(store);
    await store.ask(upload.key, { method: "PUT", body: "first" });
    const { headers } = await sendPart(store, upload, 1, { body: "part" });
    const parts = [{ number: 1, etag: headers["etag"] ?? "" }];
    const answer = await complete(store, upload, parts, ["If-None-Match: *"]);
    await abort(store, upload);
    return [brief(answer), (await store.ask(upload.key, { method: "GET" })).body.toString()];
  },
);

contract("CompleteMultipartUpload", "with If-None-Match: * is 200 where nothing is", [200, "part"], async (store) => {
  const upload = await createUpload(store);
  const { headers } = await sendPart(store, upload, 1, { body: "part" });
  const { status } = await complete(store, upload, [{ number: 1, etag: headers["etag"] ?? "" }], ["If-None-Match: *"]);
  return [status, (await store.ask(upload.key, { method: "GET" })).body.toString()];
});

const FULL_OBJECT = ["x-amz-checksum-algorithm: CRC32", "x-amz-checksum-type: FULL_OBJECT"];

/** Completes two parts of an upload with a CRC32 of the whole. */
async function completeWhole(store: Store, ...headers: readonly string[]): Promise<readonly unknown[]> {
  const upload = await createUpload(store, ...FULL_OBJECT);
  const parts = (await sendTwoParts(store, upload)).map((part) =>
    Object.assign(part, { crc32: crc32Base64(part.number === 1 ? PART : "the end") }),
  );
  const answer = await complete(store, upload, parts, headers);
  const head = await store.ask(upload.key, { method: "HEAD", headers: ["x-amz-checksum-mode: ENABLED"] });
  if (head.status !== 200) await abort(store, upload);
  return [brief(answer), head.status, head.headers["x-amz-checksum-crc32"], head.headers["x-amz-checksum-type"]];
}

contract(
  "CompleteMultipartUpload",
  "keeps a CRC32 of the whole",
  ["200", 200, crc32Base64(WHOLE), "FULL_OBJECT"],
  async (store) =>
    completeWhole(store, `x-amz-checksum-crc32: ${crc32Base64(WHOLE)}`, "x-amz-checksum-type: FULL_OBJECT"),
);

contract(
  "CompleteMultipartUpload",
  "refuses a wrong CRC32 of the whole",
  ["400 BadDigest", 404, undefined, undefined],
  async (store) =>
    completeWhole(store, `x-amz-checksum-crc32: ${crc32Base64("other")}`, "x-amz-checksum-type: FULL_OBJECT"),
);

contract("CompleteMultipartUpload", "refuses another size than x-amz-mp-object-size", [400, 404], async (store) => {
  const upload = await createUpload(store);
  const parts = await sendTwoParts(store, upload);
  const { status } = await complete(store, upload, parts, [`x-amz-mp-object-size: ${WHOLE.length - 1}`]);
  const found = await headStatus(store, upload);
  await abort(store, upload);
  return [status, found];
});

contract("CompleteMultipartUpload", "takes the right x-amz-mp-object-size", [200, 200], async (store) => {
  const upload = await createUpload(store);
  const parts = await sendTwoParts(store, upload);
  const { status } = await complete(store, upload, parts, [`x-amz-mp-object-size: ${WHOLE.length}`]);
  return [status, await headStatus(store, upload)];
});

contract("AbortMultipartUpload", "is 204, and nothing was stored", [307, 204, 404], async (store) => {
  const upload = await createUpload(store);
  await sendPart(store, upload, 1, { body: "part" });
  const { statuses } = await store.ask(upload.key, { method: "DELETE", query: uploadQuery(upload) });
  return [...statuses, await headStatus(store, upload)];
});

contract("AbortMultipartUpload", "leaves an object of the same key", [204, "first"], async (store) => {
  const upload = await createUpload(store);
  await store.ask(upload.key, { method: "PUT", body: "first" });
  await sendPart(store, upload, 1, { body: "part" });
  return [await abort(store, upload), (await store.ask(upload.key, { method: "GET" })).body.toString()];
});
