import { createHash, randomBytes } from "node:crypto";
import { createChecksum, type ChecksumAlgorithm } from "@s3r/shared/checksum";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startStore, type Answer, type TestStore } from "./testing/start-store.ts";

let store: TestStore;

const MIN_PART = 5 * 1024 ** 2;
const [PART_1, PART_2] = [randomBytes(MIN_PART), randomBytes(1000)];

beforeAll(async () => {
  store = await startStore();
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

async function create(path: string, headers: Record<string, string> = {}): Promise<string> {
  const { body } = await store.call("POST", path, { query: { uploads: "" }, headers });
  return /<UploadId>(.*?)<\/UploadId>/u.exec(body.toString())?.[1] ?? "";
}

function part(
  path: string,
  uploadId: string,
  number: number | string,
  body: Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return store.call("PUT", path, { query: { partNumber: String(number), uploadId }, body, headers });
}

function complete(
  path: string,
  uploadId: string,
  parts: readonly (readonly [number, unknown])[],
  headers: Record<string, string> = {},
): Promise<Answer> {
  const list = parts
    .map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${String(etag)}</ETag></Part>`)
    .join("");
  return store.call("POST", path, {
    query: { uploadId },
    headers,
    body: `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`,
  });
}

async function digest(algorithm: ChecksumAlgorithm, ...chunks: readonly Uint8Array[]): Promise<string> {
  const checksum = await createChecksum(algorithm);
  for (const chunk of chunks) checksum.update(chunk);
  return checksum.digest();
}

describe("a multipart upload", () => {
  it("becomes one object of its parts in order, with ranges over their borders", async () => {
    const uploadId = await create("/whole", { "content-type": "text/x-parts", "x-amz-meta-a": "1" });
    const second = await part("/whole", uploadId, 7, PART_2);
    const first = await part("/whole", uploadId, 3, PART_1);
    expect((await store.call("GET", "/whole")).status).toBe(404);
    const completed = await complete("/whole", uploadId, [
      [3, first.headers["etag"]],
      [7, second.headers["etag"]],
    ]);
    expect(completed.status).toBe(200);
    const got = await store.call("GET", "/whole");
    expect(got).toMatchObject({ status: 200, headers: { "content-type": "text/x-parts", "x-amz-meta-a": "1" } });
    expect(got.body.equals(Buffer.concat([PART_1, PART_2]))).toBe(true);
    const md5s = [PART_1, PART_2].map((bytes) => createHash("md5").update(bytes).digest());
    expect(got.headers["etag"]).toBe(`"${createHash("md5").update(Buffer.concat(md5s)).digest("hex")}-2"`);
    const range = await store.send("GET", await store.presign("GET", "/whole"), {
      headers: { range: `bytes=${MIN_PART - 2}-${MIN_PART + 1}` },
    });
    expect(range.body.equals(Buffer.concat([PART_1.subarray(-2), PART_2.subarray(0, 2)]))).toBe(true);
    expect(await part("/whole", uploadId, 1, PART_2)).toMatchObject({ status: 404, code: "NoSuchUpload" });
  });

  it("lists its parts in pages, and is gone when it is aborted", async () => {
    const uploadId = await create("/pages");
    for (const number of [1, 2, 5]) await part("/pages", uploadId, number, PART_2);
    const page = async (query: Record<string, string>): Promise<string> =>
      (await store.call("GET", "/pages", { query: { uploadId, ...query } })).body.toString();
    const first = await page({ "max-parts": "2" });
    expect([...first.matchAll(/<PartNumber>(\d+)/gu)].map(([, number]) => number)).toEqual(["1", "2"]);
    expect(first).toContain("<IsTruncated>true</IsTruncated>");
    expect(first).toContain("<NextPartNumberMarker>2</NextPartNumberMarker>");
    const second = await page({ "part-number-marker": "2" });
    expect([...second.matchAll(/<PartNumber>(\d+)/gu)].map(([, number]) => number)).toEqual(["5"]);
    expect(second).toContain("<IsTruncated>false</IsTruncated>");
    expect((await store.call("DELETE", "/pages", { query: { uploadId } })).status).toBe(204);
    expect(await store.call("GET", "/pages", { query: { uploadId } })).toMatchObject({
      status: 404,
      code: "NoSuchUpload",
    });
  });

  it("belongs to its key: the ID alone opens nothing", async () => {
    const uploadId = await create("/mine");
    expect(await part("/yours", uploadId, 1, PART_2)).toMatchObject({ status: 404, code: "NoSuchUpload" });
  });

  it.each(["0", "10001", "5abc", "-1"])("takes no part number %s", async (number) => {
    expect(await part("/numbers", await create("/numbers"), number, PART_2)).toMatchObject({
      status: 400,
      code: "InvalidArgument",
    });
  });

  it("is not completed of parts that are wrong, small or out of order", async () => {
    const uploadId = await create("/wrong");
    const etags = [await part("/wrong", uploadId, 1, PART_2), await part("/wrong", uploadId, 2, PART_1)].map(
      ({ headers }) => headers["etag"],
    );
    expect(await complete("/wrong", uploadId, [[1, '"0"']])).toMatchObject({ status: 400, code: "InvalidPart" });
    expect(await complete("/wrong", uploadId, [[3, etags[0]]])).toMatchObject({ status: 400, code: "InvalidPart" });
    expect(
      await complete("/wrong", uploadId, [
        [2, etags[1]],
        [1, etags[0]],
      ]),
    ).toMatchObject({ status: 400, code: "InvalidPartOrder" });
    expect(
      await complete("/wrong", uploadId, [
        [1, etags[0]],
        [2, etags[1]],
      ]),
    ).toMatchObject({ status: 400, code: "EntityTooSmall" });
    expect(await complete("/wrong", uploadId, [[1, etags[0]]], { "x-amz-mp-object-size": "1" })).toMatchObject({
      status: 400,
      code: "InvalidRequest",
    });
    expect(await complete("/wrong", uploadId, [])).toMatchObject({ status: 400, code: "MalformedXML" });
    expect((await store.call("GET", "/wrong")).status).toBe(404);
    expect(await complete("/wrong", uploadId, [[1, etags[0]]], { "x-amz-mp-object-size": "1000" })).toMatchObject({
      status: 200,
    });
  });

  it("keeps If-None-Match for its completion", async () => {
    await store.call("PUT", "/there", { body: "x" });
    const uploadId = await create("/there");
    const { headers } = await part("/there", uploadId, 1, PART_2);
    expect(await complete("/there", uploadId, [[1, headers["etag"]]], { "if-none-match": "*" })).toMatchObject({
      status: 412,
      code: "PreconditionFailed",
    });
    expect((await store.call("GET", "/there")).body.toString()).toBe("x");
  });

  it.each<[ChecksumAlgorithm, string]>([
    ["CRC32", "FULL_OBJECT"],
    ["CRC32C", "FULL_OBJECT"],
    ["CRC64NVME", "FULL_OBJECT"],
  ])("has the %s of all its bytes as a %s checksum", async (algorithm, type) => {
    const uploadId = await create("/full", { "x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": type });
    const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
    const parts = [
      await part("/full", uploadId, 1, PART_1, { [header]: await digest(algorithm, PART_1) }),
      await part("/full", uploadId, 2, PART_2),
    ];
    const list = parts.map(({ headers }, index) => [index + 1, headers["etag"]] as const);
    expect(await complete("/full", uploadId, list, { [header]: await digest(algorithm, PART_1) })).toMatchObject({
      status: 400,
      code: "BadDigest",
    });
    const value = await digest(algorithm, PART_1, PART_2);
    expect(await complete("/full", uploadId, list, { [header]: value })).toMatchObject({ status: 200 });
    const head = await store.call("HEAD", "/full", { headers: { "x-amz-checksum-mode": "ENABLED" } });
    expect(head.headers).toMatchObject({ [header]: value, "x-amz-checksum-type": type });
  });

  it.each<ChecksumAlgorithm>(["CRC32", "CRC32C", "SHA1", "SHA256"])(
    "has the %s of its parts' checksums as a composite one",
    async (algorithm) => {
      const uploadId = await create("/composite", { "x-amz-checksum-algorithm": algorithm });
      const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
      expect(await part("/composite", uploadId, 1, PART_1)).toMatchObject({ status: 400, code: "InvalidRequest" });
      const parts = [
        await part("/composite", uploadId, 1, PART_1, { [header]: await digest(algorithm, PART_1) }),
        await part("/composite", uploadId, 2, PART_2, { [header]: await digest(algorithm, PART_2) }),
      ];
      expect(parts[0]?.headers[header]).toBe(await digest(algorithm, PART_1));
      await complete(
        "/composite",
        uploadId,
        parts.map(({ headers }, index) => [index + 1, headers["etag"]] as const),
      );
      const values = await Promise.all(
        [PART_1, PART_2].map(async (bytes) => Buffer.from(await digest(algorithm, bytes), "base64")),
      );
      const head = await store.call("HEAD", "/composite", { headers: { "x-amz-checksum-mode": "ENABLED" } });
      expect(head.headers).toMatchObject({
        [header]: `${await digest(algorithm, ...values)}-2`,
        "x-amz-checksum-type": "COMPOSITE",
      });
    },
  );

  it("refuses checksum types that S3 does not have, and another algorithm than its own", async () => {
    const asked = { "x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "FULL_OBJECT" };
    expect(await store.call("POST", "/types", { query: { uploads: "" }, headers: asked })).toMatchObject({
      status: 400,
      code: "InvalidRequest",
    });
    const uploadId = await create("/types", { "x-amz-checksum-algorithm": "CRC32" });
    const headers = { "x-amz-checksum-sha1": await digest("SHA1", PART_2) };
    expect(await part("/types", uploadId, 1, PART_2, headers)).toMatchObject({ status: 400, code: "InvalidRequest" });
  });
});
