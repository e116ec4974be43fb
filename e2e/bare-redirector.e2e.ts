/** s3r against a server that knows only redirects: 30 lines that sign with the SDK and have no `/.s3r/` paths. */
import { createServer, type Server } from "node:http";
import { rm, writeFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { s3r } from "./harness/run.ts";
import { startStack, temporaryDirectory, type Stack } from "./harness/stack.ts";

let stack: Stack;
let server: Server;
let endpoint: string;
let directory: string;

function presign(
  client: S3Client,
  method: string | undefined,
  where: { Bucket: string; Key: string },
): Promise<string> | undefined {
  if (method === "GET") return getSignedUrl(client, new GetObjectCommand(where));
  if (method === "HEAD") return getSignedUrl(client, new HeadObjectCommand(where));
  if (method === "PUT") return getSignedUrl(client, new PutObjectCommand(where));
  return method === "DELETE" ? getSignedUrl(client, new DeleteObjectCommand(where)) : undefined;
}

beforeAll(async () => {
  stack = await startStack();
  directory = await temporaryDirectory();
  const client = new S3Client({
    endpoint: stack.store,
    region: stack.region,
    forcePathStyle: true,
    credentials: stack,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  server = createServer((request, response) => {
    const url = presign(client, request.method, {
      Bucket: stack.bucket,
      Key: decodeURIComponent((request.url ?? "/").slice(1)),
    });
    if (url === undefined) response.writeHead(405).end();
    else void url.then((location) => response.writeHead(307, { location }).end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  endpoint = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
});

afterAll(async () => {
  server.close();
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

describe("a bare redirector", () => {
  it("is enough for put, get, stat and rm", async () => {
    const file = join(directory, "file");
    await writeFile(file, "hello");
    expect(await s3r(endpoint, ["put", file, "a b/é.txt"])).toMatchObject({ code: 0 });
    expect(await s3r(endpoint, ["get", "a b/é.txt", join(directory, "copy")])).toMatchObject({ code: 0 });
    expect(await readFile(join(directory, "copy"), "utf8")).toBe("hello");
    expect(await s3r(endpoint, ["stat", "a b/é.txt"])).toMatchObject({ code: 0 });
    expect(await s3r(endpoint, ["rm", "a b/é.txt"])).toMatchObject({ code: 0 });
    expect((await s3r(endpoint, ["get", "a b/é.txt", join(directory, "none")])).code).toBe(3);
  });

  it("cannot carry what it does not sign: s3r says so before any byte", async () => {
    const refused = await s3r(endpoint, ["put", "--metadata", "a=1", join(directory, "file"), "k"]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("x-amz-meta-a");
  });
});
