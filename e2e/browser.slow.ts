/** A page of a third origin, in a real browser: it follows the redirect, and it signs and sends by itself. */
import { createServer, type Server } from "node:http";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPEN_WITH_TOKEN } from "./harness/policies.ts";
import { curl, run } from "./harness/run.ts";
import { TEST_TOKEN } from "./harness/secret.ts";
import { startStack, temporaryDirectory, type Stack } from "./harness/stack.ts";

let stack: Stack;
let profile: string;
let page: Server;
let pageScript = "";
let origin: string;

beforeAll(async () => {
  stack = await startStack({ policy: OPEN_WITH_TOKEN });
  profile = await temporaryDirectory();
  page = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><title>page</title><pre id="out">not finished</pre><script type="module">
      const api = ${JSON.stringify(stack.api)};
      const out = document.getElementById("out");
      try { out.textContent = JSON.stringify(await (async () => { ${pageScript} })()); } catch (error) { out.textContent = "failed: " + error; }
    </script>`);
  });
  await new Promise<void>((resolve) => {
    page.listen(0, "127.0.0.1", resolve);
  });
  const address = page.address();
  origin = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
});

afterAll(async () => {
  page.close();
  await stack[Symbol.asyncDispose]();
  await rm(profile, { recursive: true });
});

/** What the page's script returns, as it stands in the page when all its requests are done. */
async function inBrowser(script: string): Promise<unknown> {
  pageScript = script;
  const { stdout } = await run(
    "chromium",
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--user-data-dir=${profile}`,
      "--virtual-time-budget=20000",
      "--dump-dom",
      origin,
    ],
    { env: { HOME: profile } },
  );
  const text = /<pre id="out">(.*?)<\/pre>/su.exec(stdout)?.[1] ?? stdout;
  const answer: unknown = text.startsWith("failed")
    ? text
    : JSON.parse(text.replaceAll("&amp;", "&").replaceAll("&quot;", '"'));
  return answer;
}

describe("a page of another origin", () => {
  it("puts and gets by following the redirect, with a token that the store never sees", async () => {
    const answer = await inBrowser(`
      const put = await fetch(api + "/browser/followed.txt", { method: "PUT", body: "from a page", headers: { "content-type": "text/plain", authorization: "Bearer ${TEST_TOKEN}" } });
      const get = await fetch(api + "/browser/followed.txt", { headers: { authorization: "Bearer ${TEST_TOKEN}" } });
      return { put: put.status, etag: put.headers.get("etag") !== null, get: get.status, text: await get.text() };
    `);
    expect(answer).toEqual({ put: 200, etag: true, get: 200, text: "from a page" });
  });

  it("signs in a batch and sends by itself", async () => {
    const answer = await inBrowser(`
      const body = new Blob(["x".repeat(100000)]);
      const signed = await fetch(api + "/.s3r/sign", { method: "POST", body: JSON.stringify({ requests: [
        { method: "PUT", path: "/browser/signed.bin", headers: { "S3r-Content-Length": String(body.size) } } ] }) });
      const { responses: [{ location }] } = await signed.json();
      const put = await fetch(location, { method: "PUT", body });
      return { put: put.status };
    `);
    expect(answer).toEqual({ put: 200 });
    expect((await curl(["-fLI", `${stack.api}/browser/signed.bin`])).stdout).toMatch(/content-length: 100000\r/iu);
  });

  it("can read what was wrong", async () => {
    const answer = await inBrowser(`
      const refused = await fetch(api + "/a//b");
      return { status: refused.status, code: (await refused.json()).code };
    `);
    expect(answer).toEqual({ status: 400, code: "InvalidKey" });
  });
});
