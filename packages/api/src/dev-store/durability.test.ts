import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoreLockedError } from "./dev-store.ts";
import { loadOrCreateKeyPair } from "./key-pair.ts";
import { startStore } from "./testing/start-store.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "s3r-durable-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("the store's directory", () => {
  it("brings everything back: objects, buckets, uploads and their parts", async () => {
    const first = await startStore(directory);
    await first.call("PUT", "/kept", {
      headers: { "x-amz-meta-a": "1", "x-amz-checksum-crc32": "NhCmhg==" },
      body: "hello",
    });
    const created = await first.call("POST", "/upload", { query: { uploads: "" } });
    const uploadId = /<UploadId>(.*?)<\/UploadId>/u.exec(created.body.toString())?.[1] ?? "";
    await first.call("PUT", "/upload", { query: { partNumber: "1", uploadId }, body: "part" });
    await first.close();
    await using second = await startStore(directory);
    const kept = await second.call("GET", "/kept", { headers: { "x-amz-checksum-mode": "ENABLED" } });
    expect(kept).toMatchObject({ status: 200, headers: { "x-amz-meta-a": "1", "x-amz-checksum-crc32": "NhCmhg==" } });
    expect((await second.call("GET", "/upload", { query: { uploadId } })).body.toString()).toContain(
      "<PartNumber>1</PartNumber>",
    );
  });

  it("keeps neither replaced nor refused nor deleted bytes", async () => {
    await using store = await startStore(directory);
    await store.call("PUT", "/k", { body: "one" });
    await store.call("PUT", "/k", { body: "two" });
    await store.call("PUT", "/k", { headers: { "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" }, body: "three" });
    expect(await readdir(join(directory, "blobs"))).toHaveLength(1);
    await store.call("DELETE", "/k");
    expect(await readdir(join(directory, "blobs"))).toHaveLength(0);
    expect(await readdir(join(directory, "objects"))).toHaveLength(0);
  });

  it("has no trace of an upload whose connection was cut", async () => {
    await using store = await startStore(directory);
    await store.call("PUT", "/k", { body: "old" });
    const headers = { "content-length": "1000000" };
    const url = new URL(await store.presign("PUT", "/k", { headers }));
    const socket = connect(Number(url.port), "127.0.0.1");
    socket.write(
      `PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(1000)}`,
    );
    await expect.poll(async () => (await readdir(join(directory, "blobs"))).length).toBe(2);
    socket.resetAndDestroy();
    await once(socket, "close");
    await expect.poll(async () => (await readdir(join(directory, "blobs"))).length).toBe(1);
    expect((await store.call("GET", "/k")).body.toString()).toBe("old");
  });

  it("is swept of what a crash has left", async () => {
    const first = await startStore(directory);
    await first.call("PUT", "/k", { body: "whole" });
    await first.close();
    await writeFile(join(directory, "blobs", "orphan"), "half an obj");
    await writeFile(join(directory, "objects", "x.json.123.tmp"), '{"half');
    await using second = await startStore(directory);
    expect(await readdir(join(directory, "blobs"))).toHaveLength(1);
    expect((await readdir(join(directory, "objects"))).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect((await second.call("GET", "/k")).body.toString()).toBe("whole");
  });

  it("is one store's at a time; the lock of a dead one is taken over", async () => {
    const first = await startStore(directory);
    await expect(startStore(directory)).rejects.toBeInstanceOf(StoreLockedError);
    await first.close();
    await writeFile(join(directory, "lock"), "999999999");
    await using second = await startStore(directory);
    expect((await second.call("GET", "/none")).status).toBe(404);
  });
});

describe("loadOrCreateKeyPair", () => {
  it("makes a key pair once, for its owner's eyes only", async () => {
    const first = await loadOrCreateKeyPair(directory);
    expect(await loadOrCreateKeyPair(directory)).toEqual(first);
    expect((await stat(join(directory, "key-pair.json"))).mode & 0o777).toBe(0o600);
    expect(first.secretAccessKey.length).toBeGreaterThanOrEqual(40);
  });

  it("says which file is broken", async () => {
    await writeFile(join(directory, "key-pair.json"), "{}");
    await chmod(join(directory, "key-pair.json"), 0o600);
    await expect(loadOrCreateKeyPair(directory)).rejects.toThrow(/key-pair\.json is no key pair/u);
  });
});
