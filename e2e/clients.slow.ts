/** Other people's clients. What each of them does was tried; the tests hold it. `.ci/install-slow-tools` brings them. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KIBIBYTE, MEBIBYTE, sha256, writeRandomFile } from "./harness/files.ts";
import { OPEN_WITH_TOKEN } from "./harness/policies.ts";
import { startRecorder, type Recorder } from "./harness/recorder.ts";
import { curl, run } from "./harness/run.ts";
import { TEST_TOKEN } from "./harness/secret.ts";
import { startServe, startStack, temporaryDirectory, type Served, type Stack } from "./harness/stack.ts";

function cached(name: string): string {
  return fileURLToPath(new URL(`../node_modules/.cache/${name}`, import.meta.url));
}

const CURL8 = cached("curl8/curl");
const PYTHON = cached("python/bin/python");
const HTTPIE = cached("python/bin/http");

let stack: Stack;
let recorder: Recorder;
let served: Served;
let directory: string;
let file: string;

beforeAll(async () => {
  stack = await startStack();
  recorder = await startRecorder(Number(new URL(stack.store).port));
  served = await startServe(stack, `http://localhost:${recorder.port}`, { S3R_POLICY: OPEN_WITH_TOKEN });
  directory = await temporaryDirectory();
  file = join(directory, "file");
  await writeRandomFile(file, 50 * MEBIBYTE);
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await recorder[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function expectStored(key: string, source = file): Promise<void> {
  const copy = join(directory, "copy");
  expect(await curl(["-fL", "-o", copy, `${served.api}/${key}`])).toMatchObject({ code: 0 });
  expect(await sha256(copy)).toBe(await sha256(source));
}

async function expectAbsent(key: string): Promise<void> {
  const { stdout } = await curl(["-L", "-o", "/dev/null", "-w", "%{http_code}", `${served.api}/${key}`]);
  expect(stdout).toBe("404");
}

describe("curl 8", () => {
  it.each([1, 900 * KIBIBYTE, 50 * MEBIBYTE])("puts %i bytes", async (size) => {
    const source = join(directory, `curl8-${size}`);
    await writeRandomFile(source, size);
    expect(await run(CURL8, ["-q", "-sS", "-fL", "-T", source, `${served.api}/curl8-${size}`])).toMatchObject({
      code: 0,
    });
    await expectStored(`curl8-${size}`, source);
  });

  it("puts without Expect, 20 times out of 20", async () => {
    for (let time = 0; time < 20; time += 1) {
      const put = await run(CURL8, ["-q", "-sS", "-fL", "-H", "Expect:", "-T", file, `${served.api}/curl8-no-expect`]);
      expect(put).toMatchObject({ code: 0 });
    }
    await expectStored("curl8-no-expect");
  });
});

describe("curl 7", () => {
  it("puts without Expect, 20 times out of 20", async () => {
    for (let time = 0; time < 20; time += 1) {
      expect(await curl(["-fL", "-H", "Expect:", "-T", file, `${served.api}/curl7-no-expect`])).toMatchObject({
        code: 0,
      });
    }
    await expectStored("curl7-no-expect");
  });
});

const PUTS: Readonly<Record<string, string>> = {
  "requests, a file":
    "import requests,sys; r=requests.put(sys.argv[1], data=open(sys.argv[2],'rb'), headers={'Authorization':'Bearer t0p-s3cret'}); print(r.status_code)",
  "httpx, bytes":
    "import httpx,sys; r=httpx.put(sys.argv[1], content=open(sys.argv[2],'rb').read(), headers={'Authorization':'Bearer t0p-s3cret'}, follow_redirects=True); print(r.status_code)",
};

const CHUNKED_PUTS: Readonly<Record<string, string>> = {
  "requests, a generator":
    "import requests,sys; r=requests.put(sys.argv[1], data=(c for c in [b'a'*100000])); print(r.status_code)",
  "urllib3, a file":
    "import urllib3,sys; r=urllib3.PoolManager().request('PUT', sys.argv[1], body=open(sys.argv[2],'rb')); print(r.status)",
};

describe("Python's clients", () => {
  it.each(Object.entries(PUTS))("%s: stores it, and keeps the token from the store", async (name, script) => {
    const key = `python-${name.replaceAll(/\W/gu, "-")}`;
    expect(await run(PYTHON, ["-c", script, `${served.api}/${key}`, file])).toMatchObject({ code: 0, stdout: "200\n" });
    await expectStored(key);
  });

  it.each(Object.entries(CHUNKED_PUTS))("%s: gets 411 instead of an empty object", async (name, script) => {
    const key = `chunked-${name.replaceAll(/\W/gu, "-")}`;
    expect(await run(PYTHON, ["-c", script, `${served.api}/${key}`, file])).toMatchObject({ code: 0, stdout: "411\n" });
    await expectAbsent(key);
  });
});

describe("HTTPie", () => {
  it("puts a file", async () => {
    const args = [
      "--ignore-stdin",
      "--follow",
      "--check-status",
      "PUT",
      `${served.api}/httpie`,
      "Authorization:Bearer t0p-s3cret",
      `@${file}`,
    ];
    expect(await run(HTTPIE, args)).toMatchObject({ code: 0 });
    await expectStored("httpie");
  });

  it("gets 411 for a chunked body", async () => {
    const args = [
      "--ignore-stdin",
      "--follow",
      "--check-status",
      "--chunked",
      "PUT",
      `${served.api}/httpie-chunked`,
      `@${file}`,
    ];
    expect((await run(HTTPIE, args)).code).toBe(4);
    await expectAbsent("httpie-chunked");
  });
});

describe("wget", () => {
  it("puts 50 MiB and gets them, and keeps the credentials of the URL from the store", async () => {
    const url = served.api.replace("http://", `http://user:${TEST_TOKEN}@`);
    expect(await run("wget", ["-q", "-O", "-", "--method=PUT", `--body-file=${file}`, `${url}/wget`])).toMatchObject({
      code: 0,
    });
    const copy = join(directory, "wget");
    expect(await run("wget", ["-q", "-O", copy, `${url}/wget`])).toMatchObject({ code: 0 });
    expect(await sha256(copy)).toBe(await sha256(file));
  });

  it("is refused by the store with a header of Authorization, which it forwards", async () => {
    const small = join(directory, "small");
    await writeFile(small, "small");
    await curl(["-fL", "-T", small, `${served.api}/small`]);
    const got = await run("wget", [
      "-q",
      "-O",
      join(directory, "none"),
      "--header",
      `Authorization: Bearer ${TEST_TOKEN}`,
      `${served.api}/small`,
    ]);
    expect(got.code).toBe(8);
  });
});

/** What wget itself forwards to the store, when it is given a header instead of a URL with credentials. */
function isForwarded(head: string): boolean {
  return /^GET \S*\/small\?/u.test(head) && /^user-agent: wget/imu.test(head);
}

it("has kept every secret from the store, but for the one that wget forwards", () => {
  const heads = recorder.heads().filter((head) => !isForwarded(head));
  expect(heads.join("")).toContain("PUT /");
  expect(heads.join("")).not.toMatch(/t0p-s3cret|dXNlcjp0MHAtczNjcmV0/u);
});
