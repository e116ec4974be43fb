/** What a policy limits holds end to end: refused by the API before the body, or by the store, for curl and for `s3r`. */
import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "./harness/policies.ts";
import { startRecorder } from "./harness/recorder.ts";
import { curl, run, s3r } from "./harness/run.ts";
import { startStack, temporaryDirectory, type Stack } from "./harness/stack.ts";

const [ALICE, BOB] = ["alice-t0p-s3cret", "bob-t0p-s3cret"];

const POLICY = `
version: 1
tokens:
  - { name: alice, sha256: ${sha256Hex(ALICE)} }
  - { name: bob, sha256: ${sha256Hex(BOB)} }
statements:
  - { id: public, principals: "*", actions: read, keys: public/** }
  - { id: size, principals: alice, actions: [read, write, delete, list], keys: size/**, limits: { maxBytes: 10 } }
  - { id: once, principals: alice, actions: [read, write], keys: once/**, limits: { overwrite: false } }
  - { id: checked, principals: alice, actions: [read, write], keys: checked/**, limits: { requireChecksum: true } }
  - { id: typed, principals: alice, actions: [read, write], keys: typed/**, limits: { contentTypes: [text/plain] } }
  - { id: brief, principals: alice, actions: [read, write], keys: brief/**, limits: { expiresIn: 1 } }
  - { id: bob, principals: bob, actions: [read, write, delete, list], keys: bob/** }
`;

let stack: Stack;
let directory: string;
let ten: string;
let eleven: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  [ten, eleven] = [join(directory, "ten.txt"), join(directory, "eleven.txt")];
  await writeFile(ten, "0123456789");
  await writeFile(eleven, "0123456789a");
  stack = await startStack({ policy: POLICY });
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

function asAlice(...args: readonly string[]): string[] {
  return ["-H", `Authorization: Bearer ${ALICE}`, ...args];
}

/** The status in the end, after redirects. */
async function status(args: readonly string[]): Promise<string> {
  return (await curl(["-L", "-o", "/dev/null", "-w", "%{http_code}", ...args])).stdout;
}

/** A URL for what the headers announce, from a first request without a body. */
async function presign(method: string, key: string, headers: readonly string[] = []): Promise<string> {
  const announced = headers.flatMap((header) => ["-H", header]);
  const { stdout } = await curl(
    asAlice("-o", "/dev/null", "-w", "%{redirect_url}", "-X", method, ...announced, `${stack.api}/${key}`),
  );
  expect(stdout).toMatch(/^http:\/\/localhost:/u);
  return stdout;
}

async function s3rAsAlice(...args: readonly string[]): Promise<{ code: number; stderr: string }> {
  return await s3r(stack.api, args, { env: { S3R_TOKEN: ALICE } });
}

async function expectAbsent(key: string): Promise<void> {
  expect(await status(asAlice(`${stack.api}/${key}`))).toBe("404");
}

describe("maxBytes", () => {
  it("takes a body of that size and refuses one byte more, from curl and from s3r, before the body", async () => {
    expect(await status(asAlice("-T", ten, `${stack.api}/size/curl`))).toBe("200");
    expect(await s3rAsAlice("put", ten, "size/s3r")).toMatchObject({ code: 0 });
    await using recorder = await startRecorder(Number(new URL(stack.api).port));
    const api = `http://127.0.0.1:${recorder.port}`;
    expect(await status(asAlice("-T", eleven, "-H", "Expect: 100-continue", `${api}/size/more`))).toBe("413");
    const refused = await s3r(api, ["put", eleven, "size/more"], { env: { S3R_TOKEN: ALICE } });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("at most 10 bytes");
    expect(recorder.heads()).toHaveLength(2);
    // Each head ends with an empty line, which is not kept.
    expect(recorder.bytes()).toBe(recorder.heads().join("\r\n").length + 2);
    await expectAbsent("size/more");
  });

  it("asks for a length where none is announced", async () => {
    expect(await status(asAlice("-X", "PUT", `${stack.api}/size/unknown`))).toBe("411");
  });

  it.each(["10", "0"])("lets a URL for %s bytes carry no other number of bytes", async (length) => {
    const url = await presign("PUT", "size/exact", [`S3r-Content-Length: ${length}`]);
    expect(await status(["-T", eleven, url])).toBe("403");
    await expectAbsent("size/exact");
  });

  it("takes an empty file, by curl and by s3r", async () => {
    const empty = join(directory, "empty");
    await writeFile(empty, "");
    expect(await status(asAlice("-T", empty, `${stack.api}/size/empty`))).toBe("200");
    expect(await s3rAsAlice("put", empty, "size/empty-too")).toMatchObject({ code: 0 });
  });

  it("holds for uploads in parts: each part's length, and the sum on Complete", async () => {
    const { stdout: created } = await curl(asAlice("-fL", "-X", "POST", `${stack.api}/size/parts?uploads`));
    const uploadId = /<UploadId>([^<]+)</u.exec(created)?.[1] ?? "";
    const part = (number: number): string => `${stack.api}/size/parts?partNumber=${number}&uploadId=${uploadId}`;
    expect(await status(asAlice("-T", eleven, part(1)))).toBe("413");
    const { stdout: head } = await curl(asAlice("-fL", "-D", "-", "-o", "/dev/null", "-T", ten, part(1)));
    const etag = /^etag: (\S+)/imu.exec(head)?.[1] ?? "";
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`;
    const complete = (...headers: readonly string[]): string[] =>
      asAlice(
        "-X",
        "POST",
        "-d",
        body,
        ...headers.flatMap((header) => ["-H", header]),
        `${stack.api}/size/parts?uploadId=${uploadId}`,
      );
    expect(await status(complete())).toBe("411");
    expect(await status(complete("x-amz-mp-object-size: 11"))).toBe("413");
    expect(await status(complete("x-amz-mp-object-size: 9"))).toBe("400");
    await expectAbsent("size/parts");
    expect(await status(complete("x-amz-mp-object-size: 10"))).toBe("200");
    expect((await curl(asAlice("-fL", `${stack.api}/size/parts`))).stdout).toBe("0123456789");
  });
});

describe("overwrite: false", () => {
  it("demands If-None-Match, signs it, and leaves what is there", async () => {
    const url = `${stack.api}/once/a`;
    const ifNew = ["-H", "If-None-Match: *"];
    expect(await status(asAlice("-T", ten, url))).toBe("428");
    expect(await status(asAlice(...ifNew, "-T", ten, url))).toBe("200");
    expect(await status(asAlice(...ifNew, "-T", eleven, url))).toBe("412");
    const presigned = await presign("PUT", "once/a", ["If-None-Match: *", "S3r-Content-Length: 11"]);
    expect(await status(["-T", eleven, presigned])).toBe("403");
    expect((await curl(asAlice("-fL", url))).stdout).toBe("0123456789");
  });

  it("is what s3r's --no-clobber asks for, and says so without it", async () => {
    const refused = await s3rAsAlice("put", ten, "once/s3r");
    expect(refused).toMatchObject({ code: 6, stderr: expect.stringContaining("If-None-Match") });
    expect(await s3rAsAlice("put", "--no-clobber", ten, "once/s3r")).toMatchObject({ code: 0 });
    expect(await s3rAsAlice("put", "--no-clobber", ten, "once/s3r")).toMatchObject({ code: 6 });
  });
});

describe("requireChecksum", () => {
  it("demands a checksum, and the store verifies it", async () => {
    const digest = createHash("sha256")
      .update(await readFile(ten))
      .digest("base64");
    const url = `${stack.api}/checked/a`;
    expect(await status(asAlice("-T", ten, url))).toBe("428");
    expect(await status(asAlice("-H", `x-amz-checksum-sha256: ${digest}`, "-T", eleven, url))).toBe("400");
    await expectAbsent("checked/a");
    expect(await status(asAlice("-H", `x-amz-checksum-sha256: ${digest}`, "-T", ten, url))).toBe("200");
    const presigned = await presign("PUT", "checked/b", [`x-amz-checksum-sha256: ${digest}`, "S3r-Content-Length: 10"]);
    expect(await status(["-T", ten, presigned])).toBe("403");
  });

  it("is met by s3r as it is", async () => {
    expect(await s3rAsAlice("put", ten, "checked/s3r")).toMatchObject({ code: 0 });
  });
});

describe("contentTypes", () => {
  it("demands one of the types, and signs it", async () => {
    const url = `${stack.api}/typed/a`;
    expect(await status(asAlice("-T", ten, url))).toBe("415");
    expect(await status(asAlice("-H", "Content-Type: text/html", "-T", ten, url))).toBe("415");
    expect(await status(asAlice("-H", "Content-Type: text/plain, text/html", "-T", ten, url))).toBe("415");
    expect(await status(asAlice("-H", "Content-Type: text/plain", "-T", ten, url))).toBe("200");
    const presigned = await presign("PUT", "typed/b", ["Content-Type: text/plain", "S3r-Content-Length: 10"]);
    expect(await status(["-H", "Content-Type: text/html", "-T", ten, presigned])).toBe("403");
    await expectAbsent("typed/b");
  });

  it("is met by s3r with the type of the file's name", async () => {
    expect(await s3rAsAlice("put", ten, "typed/s3r.txt")).toMatchObject({ code: 0 });
    expect(await s3rAsAlice("put", "--content-type", "text/html", ten, "typed/s3r.html")).toMatchObject({ code: 2 });
  });
});

describe("a presigned URL", () => {
  it("is for one method, one key and one query, and is dead when it has expired", async () => {
    await status(asAlice("-T", ten, `${stack.api}/brief/a`));
    await status(asAlice("-T", ten, `${stack.api}/brief/b`));
    const url = await presign("GET", "brief/a");
    const expiry = delay(2100);
    expect(url).toContain("X-Amz-Expires=1&");
    expect(await status([url])).toBe("200");
    expect(await status(["-X", "DELETE", url])).toBe("403");
    expect(await status(["-T", eleven, url])).toBe("403");
    expect(await status([url.replace("/brief/a", "/brief/b")])).toBe("403");
    expect(await status([`${url}&versionId=1`])).toBe("403");
    expect(await status([`${url}&response-content-type=text/html`])).toBe("403");
    expect(await status([url.replace("X-Amz-Expires=1&", "X-Amz-Expires=600&")])).toBe("403");
    await expiry;
    expect(await status([url])).toBe("403");
  });
});

describe("one tenant", () => {
  it("gets nothing of another, by any spelling, and nobody gets anything without a token", async () => {
    await s3r(stack.api, ["put", ten, "bob/secret"], { env: { S3R_TOKEN: BOB } });
    for (const path of [
      "bob/secret",
      "bob%2Fsecret",
      "size%2F..%2Fbob/secret",
      "size/..%2fbob/secret",
      "size/%2e%2e/bob/secret",
    ]) {
      for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
        const answer = await status(
          asAlice("--path-as-is", ...(method === "HEAD" ? ["-I"] : ["-X", method]), `${stack.api}/${path}`),
        );
        expect(`${method} ${path} ${answer}`).toMatch(/ 40[03]$/u);
      }
    }
    expect(await status([`${stack.api}/bob/secret`])).toBe("401");
    expect(await status(asAlice(`${stack.api}/bob/?list-type=2`))).toBe("403");
    expect(await status(asAlice(`${stack.api}/?list-type=2`))).toBe("403");
    expect(await status(asAlice(`${stack.api}/siz?list-type=2`))).toBe("403");
    expect(await status(asAlice(`${stack.api}/size/?list-type=2`))).toBe("200");
    expect(await s3r(stack.api, ["get", "bob/secret", "-"])).toMatchObject({ code: 4, stdout: "" });
    expect(await s3rAsAlice("get", "bob/secret", "-")).toMatchObject({ code: 5, stdout: "" });
  });

  it("is in the access log with what was decided, and its token is not", async () => {
    await status(asAlice(`${stack.api}/bob/logged`));
    expect(stack.accessLog().findLast(({ key }) => key === "bob/logged")).toMatchObject({
      principal: "alice",
      operation: "GetObject",
      decision: "deny",
      status: 403,
      code: "AccessDenied",
    });
  });
});

describe("A10: wget", () => {
  it("sends its credentials when it is asked for them, and the store never sees them", async () => {
    await using recorder = await startRecorder(Number(new URL(stack.store).port));
    const copy = join(directory, "wgot");
    await s3rAsAlice("put", ten, "size/wget");
    const options = ["-q", "-O", copy, "--user", "anyone", "--password", ALICE];
    expect(await run("wget", [...options, `${stack.api}/size/wget`])).toMatchObject({ code: 0 });
    expect(await readFile(copy, "utf8")).toBe("0123456789");
    expect(recorder.heads().join("")).not.toMatch(/^authorization:/imu);
    const put = ["-q", "-O", "-", "--user", "anyone", "--password", ALICE, "--method=PUT", `--body-file=${ten}`];
    expect(await run("wget", [...put, `${stack.api}/size/wput`])).toMatchObject({ code: 0 });
  });
});

describe("start --policy", () => {
  it("says what is wrong with the policy, and exits with 2", async () => {
    await expect(
      startStack({ policy: "version: 1\nstatements: [{ principals: x, actions: read, keys: a }]\n" }),
    ).rejects.toThrow(/policy\.yaml:2: statements\[0\]\.principals `x` is nobody that this policy knows/u);
  });
});
