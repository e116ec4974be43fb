/** What networks do to `s3r`: nobody there, no such name, strange certificates, proxies. Nothing of it ever takes a token along. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startIssuer, type RunningIssuer } from "@s3r/api/testing/issuer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { s3r } from "./harness/run.ts";
import { TEST_TOKEN } from "./harness/secret.ts";
import { temporaryDirectory } from "./harness/stack.ts";

const IMPATIENT = ["--retries", "0", "--connect-timeout", "500ms"];

let directory: string;
let file: string;
/** An https server with a certificate of an authority that nobody knows. */
let stranger: RunningIssuer;

beforeAll(async () => {
  directory = await temporaryDirectory();
  file = join(directory, "file");
  await writeFile(file, "hello");
  stranger = await startIssuer({ audience: "https://files.example.com" });
});

afterAll(async () => {
  await stranger[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function put(endpoint: string, env: Record<string, string> = {}): Promise<{ code: number; stderr: string }> {
  return await s3r(endpoint, ["put", ...IMPATIENT, file, "k"], { env: { S3R_TOKEN: TEST_TOKEN, ...env } });
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the server listens on no port");
  return `http://127.0.0.1:${address.port}`;
}

describe("D34: an API", () => {
  it("where nothing listens is 7", async () => {
    expect(await put("http://127.0.0.1:1")).toMatchObject({
      code: 7,
      stderr: expect.stringContaining("nothing listens"),
    });
  });

  it("of a name that there is not is 7", async () => {
    expect(await put("https://s3r.invalid")).toMatchObject({ code: 7 });
  });

  it("that does not answer in time is 7", async () => {
    const silent = createServer(() => {});
    const endpoint = await listen(silent);
    const started = performance.now();
    const answer = await s3r(endpoint, ["put", ...IMPATIENT, "--stall-timeout", "500ms", file, "k"]);
    expect(answer).toMatchObject({ code: 7, stderr: expect.stringContaining("no answer came in time") });
    expect(performance.now() - started).toBeLessThan(8000);
    silent.closeAllConnections();
    silent.close();
  });
});

describe("D49: a server", () => {
  it("that cannot prove who it is, is 11, and gets no token", async () => {
    const { code, stderr } = await put(stranger.url);
    expect(code).toBe(11);
    expect(stderr).toContain("could not prove who it is");
  });

  it("elsewhere over plain http is refused before anything is sent", async () => {
    expect(await put("http://files.example.com")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("not safe"),
    });
  });
});

describe("D50: a proxy", () => {
  it.each([
    ["that wants to be paid first", 407],
    ["that is broken", 502],
  ])("%s is no way, and is told no token", async (_title, status) => {
    const heads: string[] = [];
    const proxy = createServer((request) => void heads.push(JSON.stringify(request.headers)));
    proxy.on("connect", (request, socket) => {
      heads.push(`${request.url} ${JSON.stringify(request.headers)}`);
      socket.end(`HTTP/1.1 ${status} no\r\n\r\n`);
    });
    const address = await listen(proxy);
    const { code } = await put("https://files.example.com", { HTTPS_PROXY: address });
    expect(code).toBe(7);
    expect(heads).toHaveLength(1);
    expect(heads[0]).toContain("files.example.com:443");
    expect(heads.join("\n")).not.toContain(TEST_TOKEN);
    proxy.closeAllConnections();
    proxy.close();
  });

  it("is not asked for what NO_PROXY names", async () => {
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      socket.destroy();
    });
    const env = { HTTPS_PROXY: await listen(proxy), NO_PROXY: "s3r.invalid" };
    expect(await put("https://s3r.invalid", env)).toMatchObject({ code: 7 });
    expect(asked).toEqual([]);
    proxy.close();
  });
});

describe("D48: what is no API", () => {
  it.each([
    ["a captive portal", 200, "text/html", "<html>Please log in to the hotel's network</html>", 11],
    ["JSON of something else", 200, "application/json", '{"hello":"world"}', 11],
    ["a web server without such a page", 404, "text/html", "<h1>Not Found</h1>", 3],
    ["a server that is down", 500, "text/html", "<h1>Oops</h1>", 7],
  ])("(%s) is told by its first words", async (_title, status, type, body, code) => {
    const server = createServer((_request, response) => {
      response.writeHead(status, { "content-type": type }).end(body);
    });
    const endpoint = await listen(server);
    const answer = await put(endpoint);
    expect(answer.code).toBe(code);
    expect(answer.stderr).toContain(body.slice(0, 20));
    server.closeAllConnections();
    server.close();
  });
});
