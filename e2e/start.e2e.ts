/** `start`: one line of JSON, data that stay, a key pair that opens the store and nothing else, clear errors. */
import { ListBucketsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { curl, run } from "./harness/run.ts";
import { startStack, temporaryDirectory } from "./harness/stack.ts";

const DEV_ENTRY = fileURLToPath(new URL("../packages/api/src/entry/dev.ts", import.meta.url));
const SERVER_ENTRY = fileURLToPath(new URL("../packages/api/src/entry/server.ts", import.meta.url));

let directory: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("start", () => {
  it("answers at both addresses as soon as it says so, on two host names", async () => {
    await using stack = await startStack({ directory });
    expect(new URL(stack.api).hostname).toBe("127.0.0.1");
    expect(new URL(stack.store).hostname).toBe("localhost");
    expect(await curl(["-f", `${stack.api}/.s3r/health`])).toMatchObject({ code: 0, stdout: '{"status":"ok"}\n' });
    expect((await curl(["-o", "/dev/null", "-w", "%{http_code}", `${stack.store}/`])).stdout).toBe("403");
  });

  it("ends with 0 on SIGTERM and SIGINT, and has the data and the key pair again when it starts anew", async () => {
    const first = await startStack({ directory });
    await curl(["-fL", "-T", "-", "-H", "Content-Length: 5", "-H", "Transfer-Encoding:", `${first.api}/kept`], {
      input: "hello",
    });
    expect(await first.stop("SIGTERM")).toBe(0);
    const second = await startStack({ directory });
    expect(second.secretAccessKey).toBe(first.secretAccessKey);
    expect((await curl(["-fL", `${second.api}/kept`])).stdout).toBe("hello");
    expect(await second.stop("SIGINT")).toBe(0);
  });

  it("lets any S3 client look inside with its key pair, which the API does not take for anything", async () => {
    await using stack = await startStack({ directory });
    await curl(["-fL", "-T", "-", "-H", "Content-Length: 5", "-H", "Transfer-Encoding:", `${stack.api}/a/b`], {
      input: "hello",
    });
    const client = new S3Client({
      endpoint: stack.store,
      region: stack.region,
      forcePathStyle: true,
      credentials: stack,
    });
    expect((await client.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).toEqual([stack.bucket]);
    expect((await client.send(new ListObjectsV2Command({ Bucket: stack.bucket }))).Contents).toMatchObject([
      { Key: "a/b", Size: 5 },
    ]);
    client.destroy();
  });

  it("says which port is taken and how to go on, and exits with 2", async () => {
    await using stack = await startStack({ directory });
    const { port } = new URL(stack.api);
    const other = await temporaryDirectory();
    const taken = await run(process.execPath, [
      DEV_ENTRY,
      "--port",
      port,
      "--store-port",
      "0",
      "--data",
      other,
      "--json",
    ]);
    expect(taken).toMatchObject({ code: 2, stdout: "" });
    expect(taken.stderr).toMatch(new RegExp(`^s3r: error: .*${port} is taken: .*\\n$`, "u"));
    await rm(other, { recursive: true });
  });

  it("does not open a directory that another one has open", async () => {
    await using stack = await startStack({ directory });
    const second = await run(process.execPath, [
      DEV_ENTRY,
      "--port",
      "0",
      "--store-port",
      "0",
      "--data",
      stack.directory,
    ]);
    expect(second).toMatchObject({ code: 2, stdout: "" });
    expect(second.stderr).toContain(directory);
  });

  it("refuses an option that it does not know, with its usage", async () => {
    const wrong = await run(process.execPath, [DEV_ENTRY, "--prot", "1"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("usage: start");
  });
});

describe("serve", () => {
  it("reports all that is wrong at once and exits with 2", async () => {
    const wrong = await run(process.execPath, [SERVER_ENTRY], {
      env: { PORT: "http", HOST: "0.0.0.0", S3R_EXPIRES_IN: "0" },
    });
    expect(wrong.code).toBe(2);
    for (const variable of ["S3R_BUCKET", "S3R_REGION", "PORT", "S3R_POLICY_FILE", "S3R_EXPIRES_IN"]) {
      expect(wrong.stderr).toMatch(new RegExp(`^  ${variable} must `, "mu"));
    }
  });
});
