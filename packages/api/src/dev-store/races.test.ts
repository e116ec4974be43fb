import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startStore, type Answer, type TestStore } from "./testing/start-store.ts";

let store: TestStore;

const MIN_PART = 5 * 1024 ** 2;
const [FIRST, LAST] = [randomBytes(MIN_PART), randomBytes(1000)];

beforeAll(async () => {
  store = await startStore();
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

interface TestUpload {
  readonly query: { readonly uploadId: string };
  readonly etags: readonly string[];
}

function part(path: string, uploadId: string, partNumber: number, body: Uint8Array): Promise<Answer> {
  return store.call("PUT", path, { query: { uploadId, partNumber: String(partNumber) }, body });
}

/** An upload with its parts in place. */
async function upload(path: string, bodies: readonly Uint8Array[] = [FIRST, LAST]): Promise<TestUpload> {
  const headers = { "x-amz-checksum-algorithm": "CRC64NVME" };
  const created = await store.call("POST", path, { query: { uploads: "" }, headers });
  const uploadId = /<UploadId>(.*?)<\/UploadId>/u.exec(created.body.toString())?.[1] ?? "";
  const etags: string[] = [];
  for (const [index, body] of bodies.entries()) {
    etags.push(String((await part(path, uploadId, index + 1, body)).headers["etag"]));
  }
  return { query: { uploadId }, etags };
}

function complete(path: string, { query, etags }: TestUpload): Promise<Answer> {
  const list = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
  const body = `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`;
  return store.call("POST", path, { query, body });
}

async function expectWhole(path: string, bodies: readonly Uint8Array[] = [FIRST, LAST]): Promise<void> {
  const got = await store.call("GET", path);
  expect(got.status).toBe(200);
  expect(got.body.equals(Buffer.concat(bodies))).toBe(true);
}

/** Sends a request's head and as much of its body as is given. */
async function begin(
  method: string,
  path: string,
  body: string,
  options: Parameters<TestStore["presign"]>[2],
): Promise<Socket> {
  const url = new URL(await store.presign(method, path, options));
  const socket = connect(Number(url.port), "127.0.0.1");
  const lines = Object.entries(options?.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n${lines.join("")}\r\n${body}`,
  );
  return socket;
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe("an upload's requests at the same time", () => {
  it("complete it once, and keep its parts", async () => {
    const under = await upload("/thrice");
    const answers = await Promise.all([1, 2, 3].map(async () => await complete("/thrice", under)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === "NoSuchUpload")).toHaveLength(2);
    await expectWhole("/thrice");
  });

  it("complete it or abort it, never both", async () => {
    const under = await upload("/either");
    const [completed, aborted] = await Promise.all([
      complete("/either", under),
      store.call("DELETE", "/either", { query: under.query }),
    ]);
    // Which comes first is the sockets' business; the other then finds no upload.
    expect([completed.status, aborted.status]).toContainEqual(404);
    const got = await store.call("GET", "/either");
    expect(got.status).toBe(completed.status);
    expect(got.body.equals(Buffer.concat([FIRST, LAST]))).toBe(completed.status === 200);
  });

  it("take no part from under a completion", async () => {
    const under = await upload("/replaced-part");
    const [completed] = await Promise.all([
      complete("/replaced-part", under),
      part("/replaced-part", under.query.uploadId, 2, randomBytes(1000)),
    ]);
    // The part may have been replaced first, and the completion then names one that is not there.
    expect([undefined, "InvalidPart"]).toContain(completed.code);
    const got = await store.call("GET", "/replaced-part");
    expect(got.status).toBe(completed.status === 200 ? 200 : 404);
    expect(got.body.equals(Buffer.concat([FIRST, LAST]))).toBe(completed.status === 200);
  });

  it("refuse a part whose upload has ended while it came, and keep nothing of it", async () => {
    const under = await upload("/late", []);
    const before = await readdir(join(store.directory, "blobs"));
    const query = { ...under.query, partNumber: "1" };
    const socket = await begin("PUT", "/late", "x".repeat(500), { query, headers: { "content-length": "1000" } });
    await expect.poll(async () => await readdir(join(store.directory, "blobs"))).toHaveLength(before.length + 1);
    expect((await store.call("DELETE", "/late", { query: under.query })).status).toBe(204);
    socket.write("x".repeat(500));
    expect((await readAll(socket)).toString()).toContain("<Code>NoSuchUpload</Code>");
    expect(await readdir(join(store.directory, "blobs"))).toHaveLength(before.length);
  });
});

describe("an object that is replaced", () => {
  it("is still sent whole to who has begun to read it, and is gone after that", async () => {
    const bodies = [Buffer.concat([FIRST, FIRST, FIRST, FIRST]), FIRST, LAST];
    await complete("/slow", await upload("/slow", bodies));
    const before = await readdir(join(store.directory, "blobs"));
    const socket = await begin("GET", "/slow", "", {});
    await once(socket, "readable");
    await store.call("PUT", "/slow", { body: "new" });
    const answer = await readAll(socket);
    const body = answer.subarray(answer.indexOf("\r\n\r\n") + 4);
    expect(body.equals(Buffer.concat(bodies))).toBe(true);
    await expect.poll(async () => await readdir(join(store.directory, "blobs"))).toHaveLength(before.length - 2);
    expect((await store.call("GET", "/slow")).body.toString()).toBe("new");
  });

  it("is replaced even when its own bytes have been lost", async () => {
    const before = new Set(await readdir(join(store.directory, "blobs")));
    await store.call("PUT", "/lost", { body: "old" });
    const blob = (await readdir(join(store.directory, "blobs"))).find((name) => !before.has(name));
    await rm(join(store.directory, "blobs", blob ?? "none"));
    expect((await store.call("PUT", "/lost", { body: "new" })).status).toBe(200);
    expect((await store.call("GET", "/lost")).body.toString()).toBe("new");
  });
});
