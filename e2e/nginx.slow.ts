/** The API behind the nginx of docs/deploy/nginx.conf: what passes, and what must not be waited for, buffered or mangled. */
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AWKWARD_KEYS, keyPath } from "./harness/keys.ts";
import { sha256Hex } from "./harness/policies.ts";
import { curl, s3r, type Finished } from "./harness/run.ts";
import { TEST_TOKEN } from "./harness/secret.ts";
import { startNginx, type Nginx } from "./harness/start-nginx.ts";
import { startServe, startStack, type Served, type Stack } from "./harness/stack.ts";

const POLICY = `
version: 1
tokens: [{ name: me, sha256: ${sha256Hex(TEST_TOKEN)} }]
statements: [{ principals: me, actions: [read, write, delete, list], keys: "**" }]
`;

const MEBIBYTE = 1024 ** 2;
const AUTHORIZATION = `Authorization: Bearer ${TEST_TOKEN}`;

let stack: Stack;
let served: Served;
let nginx: Nginx;

beforeAll(async () => {
  stack = await startStack();
  served = await startServe(stack, stack.store, { S3R_POLICY: POLICY });
  nginx = await startNginx(served.api);
});

afterAll(async () => {
  await nginx[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

/** curl with the token and the front's certificate. */
async function front(path: string, ...args: readonly string[]): Promise<Finished> {
  const who = ["--cacert", nginx.certificate, "-H", AUTHORIZATION, "--path-as-is"];
  return await curl([...who, ...args, nginx.front + path]);
}

/** What the API answers to a path: its status, and the path that was signed. */
async function answerTo(origin: string, path: string): Promise<string> {
  const who = ["--cacert", nginx.certificate, "-H", AUTHORIZATION, "--path-as-is"];
  const asked = await curl([...who, "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", origin + path]);
  return asked.stdout.split("?", 1)[0] ?? "";
}

/** Everything that comes back until the connection has been silent for a while, or ends. */
async function exchange(head: readonly string[], body?: Uint8Array): Promise<string> {
  const lines = [...head, "Host: localhost", AUTHORIZATION, "", ""];
  const socket = connect({
    host: "127.0.0.1",
    port: nginx.port,
    ca: await readFile(nginx.certificate),
    servername: "localhost",
  });
  const chunks: Buffer[] = [];
  socket.write(lines.join("\r\n"));
  if (body !== undefined) socket.write(body);
  await new Promise<void>((resolve, reject) => {
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", (chunk: Buffer) => void chunks.push(chunk));
    socket.on("close", () => resolve());
    socket.on("error", reject);
  });
  return Buffer.concat(chunks).toString();
}

function statuses(answer: string): readonly string[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gmu)].map(([, status = ""]) => status);
}

describe("keys behind nginx", () => {
  it.each([
    ...AWKWARD_KEYS.map((key) => `/${keyPath(key)}`),
    "/a%2Fb",
    "/a%2fb",
    "/a//b",
    "//a",
    "/a%252Fb",
    "/a/./b",
    "/a/../b",
    "/a%2F..%2Fb",
    "/a%00b",
    "/a+b%2Bc",
    "/%C3%A9%FF",
    "/a'(b)!*;=:@$,",
    "/docs/?list-type=2",
  ])("mean what they mean without it: %s", async (path) => {
    expect(await answerTo(nginx.front, path)).toBe(await answerTo(served.api, path));
  });

  it("hold through a PUT and a GET that are followed", async () => {
    for (const key of AWKWARD_KEYS) {
      const path = `/odd/${keyPath(key.slice(0, 1000))}`;
      expect(
        await front(path, "-fL", "-X", "PUT", "--data-binary", key, "-H", "Content-Type: text/plain"),
      ).toMatchObject({ code: 0 });
      expect(await front(path, "-fL")).toMatchObject({ code: 0, stdout: key });
    }
  });
});

describe("bodies behind nginx", () => {
  it("are not waited for: a PUT that announces 1 GiB and sends nothing is redirected at once", async () => {
    const begun = performance.now();
    const answer = await exchange(["PUT /huge HTTP/1.1", `Content-Length: ${1024 * MEBIBYTE}`]);
    expect(statuses(answer)).toEqual(["307"]);
    expect(answer).toMatch(/^location: http/imu);
    // A second of it is the silence that ends the exchange.
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  it("are asked for by nginx itself, where the client waits: its 100 comes before the API's 307", async () => {
    const answer = await exchange(["PUT /waits HTTP/1.1", "Content-Length: 1048576", "Expect: 100-continue"]);
    expect(statuses(answer)).toEqual(["100", "307"]);
  });

  it("may come anyway: who sends first and reads later gets the redirect", async () => {
    const body = randomBytes(8 * MEBIBYTE);
    const answer = await exchange(["PUT /eager HTTP/1.1", `Content-Length: ${body.byteLength}`], body);
    expect(statuses(answer)).toEqual(["307"]);
  });

  it.each([["with"], ["without"]])("arrive where they belong: 64 MiB by curl, %s Expect", async (expecting) => {
    const file = join(stack.directory, `body-${expecting}`);
    const body = randomBytes(64 * MEBIBYTE);
    await writeFile(file, body);
    const expectation = expecting === "with" ? [] : ["-H", "Expect:"];
    expect(await front(`/curl/${expecting}`, "-fL", ...expectation, "-T", file)).toMatchObject({ code: 0 });
    const back = join(stack.directory, `back-${expecting}`);
    expect(await front(`/curl/${expecting}`, "-fL", "-o", back)).toMatchObject({ code: 0 });
    expect((await readFile(back)).equals(body)).toBe(true);
  });

  it("of a batch reach the API", async () => {
    const batch = JSON.stringify({ requests: [{ method: "GET", key: "a" }] });
    const signed = await front("/.s3r/sign", "-o", "/dev/null", "-w", "%{http_code}", "--json", batch);
    const direct = await curl([
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "-H",
      AUTHORIZATION,
      "--json",
      batch,
      `${served.api}/.s3r/sign`,
    ]);
    expect(signed.stdout).toBe(direct.stdout);
    expect(signed.stdout).not.toMatch(/^[05]/u);
  });
});

describe("headers behind nginx", () => {
  it("answer HEAD as GET, without a body", async () => {
    const answer = await exchange(["HEAD /a HTTP/1.1"]);
    expect(statuses(answer)).toEqual(["307"]);
    expect(answer).toMatch(/^location: \S+X-Amz-Signature=/imu);
    expect(answer).toMatch(/\r\n\r\n$/u);
  });

  it("with an underscore or a dot in the name are seen, and so signed", async () => {
    const metadata = ["-H", "x-amz-meta-a_b: 1", "-H", "x-amz-meta-a.b: 2"];
    expect(await front("/meta", "-fL", "-X", "PUT", "-d", "x", ...metadata)).toMatchObject({ code: 0 });
    const head = await front("/meta", "-fLI");
    expect(head.stdout).toMatch(/^x-amz-meta-a_b: 1/imu);
    expect(head.stdout).toMatch(/^x-amz-meta-a\.b: 2/imu);
  });

  it("may be as large as the API takes them; what is larger gets the API's answer", async () => {
    const status = ["-o", "/dev/null", "-w", "%{http_code}"];
    expect((await front("/a", ...status, "-H", `Cookie: ${"c".repeat(14_000)}`)).stdout).toBe("307");
    expect((await front("/a", ...status, "-H", `Cookie: ${"c".repeat(20_000)}`)).stdout).toBe("431");
  });

  it("carry URLs with long session tokens", async () => {
    await using withToken = await startServe(stack, stack.store, {
      S3R_POLICY: POLICY,
      AWS_SESSION_TOKEN: "t".repeat(9000),
    });
    await using proxy = await startNginx(withToken.api);
    const who = ["--cacert", proxy.certificate, "-H", AUTHORIZATION];
    const asked = await curl([...who, "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", `${proxy.front}/a`]);
    expect(asked.stdout.slice(0, 3)).toBe("307");
    expect(asked.stdout.length).toBeGreaterThan(9000);
  });

  it("ask for a token, and are not kept from anyone", async () => {
    const asked = await curl(["--cacert", nginx.certificate, "-D", "-", "-o", "/dev/null", `${nginx.front}/a`]);
    expect(asked.stdout).toMatch(/^HTTP\/1\.1 401/u);
    expect(asked.stdout).toMatch(/^www-authenticate: /imu);
    expect((await front("/a", "-D", "-", "-o", "/dev/null")).stdout).toMatch(/^cache-control: .*no-store/imu);
  });
});

describe("s3r behind nginx", () => {
  it("puts, lists, gets and removes", async () => {
    const env = { S3R_TOKEN: TEST_TOKEN, NODE_EXTRA_CA_CERTS: nginx.certificate };
    const file = join(stack.directory, "whole");
    await writeFile(file, randomBytes(70 * MEBIBYTE));
    expect(await s3r(nginx.front, ["put", file, "cli/"], { env })).toMatchObject({ code: 0 });
    expect((await s3r(nginx.front, ["ls", "cli/"], { env })).stdout).toContain("whole");
    expect(await s3r(nginx.front, ["get", "cli/whole", `${file}.back`], { env })).toMatchObject({ code: 0 });
    expect((await readFile(`${file}.back`)).equals(await readFile(file))).toBe(true);
    expect(await s3r(nginx.front, ["rm", "cli/whole"], { env })).toMatchObject({ code: 0 });
  });

  it("streams from a pipe, since it asks before it sends", async () => {
    const env = { S3R_TOKEN: TEST_TOKEN, NODE_EXTRA_CA_CERTS: nginx.certificate };
    expect(await s3r(nginx.front, ["put", "-", "pipe"], { env, input: "from a pipe" })).toMatchObject({ code: 0 });
    expect((await front("/pipe", "-fL")).stdout).toBe("from a pipe");
  });
});
