import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  AbortMultipartUploadCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { Operation } from "@s3r/shared";
import { describe, expect, it } from "vitest";
import type { Bucket } from "./bucket.ts";
import { createPresigner, type PresignedRequest } from "./presign.ts";

const NOW = new Date("2026-11-23T06:00:00Z");
const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "a+session/token=" };
const AWS_BUCKET: Bucket = { name: "artifacts", region: "eu-central-1", forcePathStyle: false, keyPrefix: "" };

type PresignFor300Seconds = (
  operation: Operation,
  headers: Readonly<Record<string, string>>,
) => Promise<PresignedRequest>;

function presigner(bucket: Partial<Bucket> = {}): PresignFor300Seconds {
  const presign = createPresigner({
    bucket: { ...AWS_BUCKET, ...bucket },
    credentials: () => Promise.resolve(CREDENTIALS),
    now: () => NOW,
  });
  return (operation, headers) => presign(operation, headers, 300);
}

/** The SDK's own client as the oracle, without the checksum of nothing that it would add. */
const client = new S3Client({
  region: "eu-central-1",
  credentials: CREDENTIALS,
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED",
});
const where = { Bucket: "artifacts", Key: "a b/é(1)+'*.txt" };
const upload = { ...where, UploadId: "u+1/=" };

const OPTIONS = { expiresIn: 300, signingDate: NOW, signableHeaders: new Set(["host", "content-length"]) };

function op(name: Operation["name"], query: Operation["query"] = {}): Operation {
  return { name, key: where.Key, query };
}

/** The parameters of a URL but the signature and `x-id`, which the oracle adds for its own use and s3r does not. */
function withoutSignature(url: string): { path: string; query: Record<string, string> } {
  const { origin, pathname, searchParams } = new URL(url);
  searchParams.delete("X-Amz-Signature");
  searchParams.delete("x-id");
  return { path: origin + pathname, query: Object.fromEntries(searchParams) };
}

describe("createPresigner", () => {
  it.each([
    { operation: op("GetObject"), expected: () => getSignedUrl(client, new GetObjectCommand(where), OPTIONS) },
    {
      operation: op("GetObject", { versionId: "v1" }),
      expected: () => getSignedUrl(client, new GetObjectCommand({ ...where, VersionId: "v1" }), OPTIONS),
    },
    { operation: op("HeadObject"), expected: () => getSignedUrl(client, new HeadObjectCommand(where), OPTIONS) },
    { operation: op("DeleteObject"), expected: () => getSignedUrl(client, new DeleteObjectCommand(where), OPTIONS) },
    {
      operation: op("PutObject"),
      expected: () => getSignedUrl(client, new PutObjectCommand({ ...where, ContentLength: 5 }), OPTIONS),
      headers: { "content-length": "5" },
    },
    {
      operation: op("CreateMultipartUpload", { uploads: "" }),
      expected: () => getSignedUrl(client, new CreateMultipartUploadCommand(where), OPTIONS),
    },
    {
      operation: op("UploadPart", { partNumber: "3", uploadId: upload.UploadId }),
      expected: () => getSignedUrl(client, new UploadPartCommand({ ...upload, PartNumber: 3 }), OPTIONS),
    },
    {
      operation: op("ListParts", { uploadId: upload.UploadId }),
      expected: () => getSignedUrl(client, new ListPartsCommand(upload), OPTIONS),
    },
    {
      operation: op("CompleteMultipartUpload", { uploadId: upload.UploadId }),
      expected: () => getSignedUrl(client, new CompleteMultipartUploadCommand(upload), OPTIONS),
    },
    {
      operation: op("AbortMultipartUpload", { uploadId: upload.UploadId }),
      expected: () => getSignedUrl(client, new AbortMultipartUploadCommand(upload), OPTIONS),
    },
    {
      operation: { name: "ListObjectsV2", key: "a b/", query: { "list-type": "2", delimiter: "/" } } as const,
      expected: () =>
        getSignedUrl(
          client,
          new ListObjectsV2Command({ Bucket: "artifacts", Prefix: "a b/", Delimiter: "/" }),
          OPTIONS,
        ),
    },
  ])(
    "signs $operation.name $operation.query as the SDK's client would",
    async ({ operation, expected, headers = {} }) => {
      expect(withoutSignature((await presigner()(operation, headers)).url)).toEqual(withoutSignature(await expected()));
    },
  );

  it("gives the same signature as the SDK's client where both sign the same query", async () => {
    const expected = await getSignedUrl(client, new HeadObjectCommand(where), { expiresIn: 300, signingDate: NOW });
    expect((await presigner()(op("HeadObject"), {})).url.split("?")[1]?.split("&").sort()).toEqual(
      expected.split("?")[1]?.split("&").sort(),
    );
  });

  it("signs every mirrored header as a header, also those that the SDK would hoist or skip", async () => {
    const headers = {
      "cache-control": "no-cache",
      "content-length": "5",
      "content-type": "text/plain",
      "if-none-match": "*",
      "x-amz-checksum-crc32": "NhCmhg==",
      "x-amz-meta-a": "1",
      "x-amz-sdk-checksum-algorithm": "CRC32",
    };
    const presigned = await presigner()(op("PutObject"), headers);
    const { searchParams } = new URL(presigned.url);
    expect(searchParams.get("X-Amz-SignedHeaders")).toBe([...Object.keys(headers), "host"].sort().join(";"));
    expect([...searchParams.keys()].filter((name) => /checksum|meta/iu.test(name))).toEqual([]);
    expect(presigned.headers).toEqual(headers);
  });

  it("puts the key prefix before the key, the listed prefix and start-after", async () => {
    const presign = presigner({ keyPrefix: "team a/" });
    expect(new URL((await presign(op("GetObject"), {})).url).pathname).toMatch(/^\/team%20a\/a%20b\//u);
    const listing = new URL(
      (await presign({ name: "ListObjectsV2", key: "x/", query: { "list-type": "2", "start-after": "x/1" } }, {})).url,
    );
    expect(listing.pathname).toBe("/");
    expect(listing.searchParams.get("prefix")).toBe("team a/x/");
    expect(listing.searchParams.get("start-after")).toBe("team a/x/1");
  });

  it.each<[string, Partial<Bucket>, string]>([
    ["Amazon's regional endpoint", {}, "https://artifacts.s3.eu-central-1.amazonaws.com/k"],
    ["China's domain", { region: "cn-north-1" }, "https://artifacts.s3.cn-north-1.amazonaws.com.cn/k"],
    ["the path for a bucket with a dot", { name: "my.bucket" }, "https://s3.eu-central-1.amazonaws.com/my.bucket/k"],
    ["the path where it is asked for", { forcePathStyle: true }, "https://s3.eu-central-1.amazonaws.com/artifacts/k"],
    [
      "a store of one's own",
      { endpoint: "http://localhost:9000", forcePathStyle: true },
      "http://localhost:9000/artifacts/k",
    ],
    [
      "a store's host name for each bucket",
      { endpoint: "https://s3.example.com" },
      "https://artifacts.s3.example.com/k",
    ],
  ])("addresses %s", async (_name, bucket, expected) => {
    const { url } = await presigner(bucket)({ name: "GetObject", key: "k", query: {} }, {});
    expect(url.split("?")[0]).toBe(expected);
  });

  it("keeps a key with dots and unreserved characters as it is in any URL parser", async () => {
    const { url } = await presigner()({ name: "GetObject", key: "...~-_.!'()*/ü", query: {} }, {});
    expect(new URL(url).href).toBe(url);
  });
});
