import { Readable } from "node:stream";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startStore, type TestStore } from "./testing/start-store.ts";

let store: TestStore;
let client: S3Client;
const Bucket = "of-the-sdk";

beforeAll(async () => {
  store = await startStore();
  client = new S3Client({
    endpoint: store.origin,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: store.keyPair,
  });
  await client.send(new CreateBucketCommand({ Bucket }));
});

afterAll(async () => {
  client.destroy();
  await store[Symbol.asyncDispose]();
});

describe("@aws-sdk/client-s3 with its defaults", () => {
  it("puts and gets, with the checksums that it adds by itself", async () => {
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: "a b/é+(1).txt",
        Body: "hello",
        ContentType: "text/plain",
        Metadata: { a: "1" },
      }),
    );
    const got = await client.send(new GetObjectCommand({ Bucket, Key: "a b/é+(1).txt" }));
    expect(got).toMatchObject({
      ContentType: "text/plain",
      Metadata: { a: "1" },
      ContentLength: 5,
      ChecksumCRC32: "NhCmhg==",
    });
    expect(await got.Body?.transformToString()).toBe("hello");
  });

  it("puts a stream, whose checksum comes behind it", async () => {
    const body = Buffer.alloc(200_000, "stream ");
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: "stream",
        Body: Readable.from([body.subarray(0, 70_000), body.subarray(70_000)]),
        ContentLength: body.byteLength,
      }),
    );
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: "stream", ChecksumMode: "ENABLED" }));
    expect(head).toMatchObject({ ContentLength: 200_000, ChecksumCRC32: expect.any(String) });
    expect(head.ContentEncoding).toBeUndefined();
  });

  it("gets ranges, lists and deletes in bulk, and empties its bucket", async () => {
    const ranged = await client.send(new GetObjectCommand({ Bucket, Key: "stream", Range: "bytes=0-5" }));
    expect(await ranged.Body?.transformToString()).toBe("stream");
    await client.send(new HeadBucketCommand({ Bucket }));
    const listed = await client.send(new ListObjectsV2Command({ Bucket, Delimiter: "/" }));
    expect(listed).toMatchObject({
      KeyCount: 2,
      CommonPrefixes: [{ Prefix: "a b/" }],
      Contents: [{ Key: "stream", Size: 200_000 }],
    });
    expect((await client.send(new ListObjectsCommand({ Bucket }))).Contents).toHaveLength(2);
    await expect(client.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: "BucketNotEmpty" });
    await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a b/é+(1).txt" }, { Key: "stream" }] } }),
    );
    await client.send(new DeleteBucketCommand({ Bucket }));
    await expect(client.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({ name: "NotFound" });
  });

  it("is told apart from strangers", async () => {
    const stranger = new S3Client({
      endpoint: store.origin,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { ...store.keyPair, secretAccessKey: "wrong" },
    });
    await expect(stranger.send(new ListObjectsV2Command({ Bucket: "dev" }))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
    });
    stranger.destroy();
  });
});
