import * as fc from "fast-check";
import { encodeObjectKey } from "@s3r/shared";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createApp, type App } from "./app.ts";
import { sendRaw } from "./testing/raw-http.ts";
import { policyOptions } from "./testing/policy-options.ts";
import { startApi, TEST_APP_OPTIONS } from "./testing/start-api.ts";

const app = createApp(TEST_APP_OPTIONS);

function request(method: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return app(new Request(`http://api.example${path}`, { method, headers }));
}

function preflight(handle: App, origin: string): Promise<Response> {
  return handle(
    new Request("http://api/k", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type,authorization",
      },
    }),
  );
}

function sign(body: unknown): Promise<Response> {
  return app(
    new Request("http://api/.s3r/sign", {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
  );
}

async function problem(response: Response): Promise<unknown> {
  return await response.json();
}

describe("an object request", () => {
  it.each(["GET", "HEAD", "PUT", "DELETE"])("is answered with a 307 for %s", async (method) => {
    const response = await request(method, "/a%20b/c.txt");
    expect(response.status).toBe(307);
    const location = new URL(response.headers.get("location") ?? "");
    expect(location.origin).toBe("https://artifacts.s3.eu-central-1.amazonaws.com");
    expect(location.pathname).toBe("/a%20b/c.txt");
    expect(location.searchParams.get("X-Amz-Expires")).toBe("300");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "cache-control": "no-store",
      vary: "Authorization, Origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "s3r-expires-in": "300",
      "content-type": "text/plain; charset=utf-8",
    });
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/u);
    expect(await response.text()).toMatch(/^Not .*curl -fL.*\n$/u);
  });

  it("is signed for its own method", async () => {
    const signatures = await Promise.all(
      ["GET", "HEAD", "PUT", "DELETE"].map(async (method) => {
        const location = (await request(method, "/k")).headers.get("location") ?? "";
        return new URL(location).searchParams.get("X-Amz-Signature");
      }),
    );
    expect(new Set(signatures).size).toBe(4);
  });

  it("ignores who the client says the API is", async () => {
    const response = await request("GET", "/k", {
      "x-forwarded-host": "evil",
      "x-forwarded-proto": "gopher",
      forwarded: "host=evil",
    });
    expect(new URL(response.headers.get("location") ?? "").host).toBe("artifacts.s3.eu-central-1.amazonaws.com");
  });

  it("carries the client's headers into the signature, and nothing of its credentials into the URL", async () => {
    const digest = createHash("sha256").update("t0ken").digest("hex");
    const withToken = createApp({
      ...TEST_APP_OPTIONS,
      ...policyOptions(`
version: 1
tokens: [{ name: bot, sha256: ${digest} }]
statements: [{ principals: bot, actions: write, keys: "**" }]
`),
    });
    const headers = {
      "content-type": "a/b",
      "if-none-match": "*",
      "x-amz-meta-a": "1",
      authorization: "Bearer t0ken",
      cookie: "c=t0ken",
    };
    const response = await withToken(new Request("http://api/k", { method: "PUT", headers }));
    const location = response.headers.get("location") ?? "";
    expect(new URL(location).searchParams.get("X-Amz-SignedHeaders")).toBe(
      "content-type;host;if-none-match;x-amz-meta-a",
    );
    expect(location).not.toContain("t0ken");
  });
});

describe("a refused request", () => {
  it("is answered with a problem document that no cache keeps", async () => {
    const response = await request("PUT", "/k", { "x-amz-acl": "public-read" });
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await problem(response)).toMatchObject({
      type: "urn:s3r:problem:InvalidHeader",
      title: "Invalid header",
      status: 400,
      detail: expect.stringContaining("`x-amz-acl`"),
      code: "InvalidHeader",
      requestId: response.headers.get("x-request-id"),
    });
  });

  it("says nothing of the API's own errors, which its operator is told", async () => {
    const told: unknown[] = [];
    const failing = createApp({
      ...TEST_APP_OPTIONS,
      credentials: () => Promise.reject(new Error("role arn:secret")),
      onError: (error) => void told.push(error),
    });
    const response = await failing(new Request("http://api/k"));
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("30");
    expect(await response.text()).not.toContain("arn:secret");
    expect(told).toEqual([expect.objectContaining({ message: "role arn:secret" })]);
  });

  it("is a bare 500 for a bug", async () => {
    const buggy = createApp({
      ...TEST_APP_OPTIONS,
      authenticate: () => {
        throw new TypeError("internal detail");
      },
    });
    const response = await buggy(new Request("http://api/k"));
    expect(await problem(response)).toMatchObject({ status: 500, code: "InternalError" });
    expect(response.status).toBe(500);
  });
});

describe("the key prefix", () => {
  const prefixed = createApp({ ...TEST_APP_OPTIONS, bucket: { ...TEST_APP_OPTIONS.bucket, keyPrefix: "tenant/" } });

  it("is put before the key and counted", async () => {
    const response = await prefixed(new Request("http://api/k"));
    expect(new URL(response.headers.get("location") ?? "").pathname).toBe("/tenant/k");
    expect((await prefixed(new Request(`http://api/${"k".repeat(1017)}`))).status).toBe(307);
    expect((await prefixed(new Request(`http://api/${"k".repeat(1018)}`))).status).toBe(400);
  });
});

describe("CORS", () => {
  const open = createApp({ ...TEST_APP_OPTIONS, corsOrigins: ["https://app.example"] });

  it("answers the preflight of a configured origin itself", async () => {
    const response = await preflight(open, "https://app.example");
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(response.headers.get("access-control-allow-methods")).toContain("PUT");
    expect(response.headers.get("access-control-allow-headers")).toBe("content-type,authorization");
  });

  it("lets no other origin read an answer", async () => {
    for (const response of [
      await preflight(open, "https://evil.example"),
      await preflight(app, "https://app.example"),
    ]) {
      expect(response.status).toBe(204);
      expect(response.headers.has("access-control-allow-origin")).toBe(false);
      expect(response.headers.has("access-control-allow-methods")).toBe(false);
    }
  });

  it("puts its headers on redirects and refusals alike", async () => {
    for (const path of ["/k", "/a//b"]) {
      const response = await open(new Request(`http://api${path}`, { headers: { origin: "https://app.example" } }));
      expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
      expect(response.headers.get("access-control-expose-headers")).toContain("Location");
    }
  });
});

describe("the reserved paths", () => {
  it("say what is offered", async () => {
    const response = await request("GET", "/.s3r/");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      service: "s3r",
      expiresIn: 300,
      batch: { path: "/.s3r/sign", maxRequests: 1000 },
    });
  });

  it("say that the API is well", async () => {
    expect((await request("GET", "/.s3r/health")).status).toBe(200);
  });

  it.each([
    ["GET", "/.s3r/nothing", 404, "NotFound"],
    ["GET", "/.s3r", 404, "NotFound"],
    ["PUT", "/.s3r/x", 404, "NotFound"],
    ["DELETE", "/.s3r/health", 405, "MethodNotAllowed"],
    ["GET", "/.s3r/sign", 405, "MethodNotAllowed"],
    ["PUT", "/%2Es3r/health", 400, "InvalidKey"],
  ])("answer %s %s with %i %s", async (method, path, status, code) => {
    const response = await request(method, path);
    expect(response.status).toBe(status);
    expect(await problem(response)).toMatchObject({ code });
  });
});

describe("POST /.s3r/sign", () => {
  it("answers each request as if it had come alone, in order", async () => {
    const response = await sign({
      requests: [
        {
          method: "PUT",
          path: "/k?partNumber=1&uploadId=u",
          headers: { "S3r-Content-Length": "7", "Content-Type": "a/b" },
        },
        { method: "GET", path: "/a//b" },
        { method: "GET", path: "/k" },
        { method: "PUT", path: "/k", headers: { "x-amz-copy-source": "/b/secret" } },
        { method: "PUT", path: "/k", headers: { "bad name": "x" } },
        { method: "PUT", path: "/.s3r/sign" },
      ],
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      responses: [
        {
          status: 307,
          location: expect.stringContaining("partNumber=1&uploadId=u"),
          headers: { "content-length": "7", "content-type": "a/b" },
          expiresIn: 300,
        },
        { status: 400, problem: expect.objectContaining({ code: "InvalidKey" }) },
        { status: 307, location: expect.stringContaining("/k?"), headers: {}, expiresIn: 300 },
        { status: 400, problem: expect.objectContaining({ code: "InvalidHeader" }) },
        { status: 400, problem: expect.objectContaining({ code: "InvalidHeader" }) },
        { status: 400, problem: expect.objectContaining({ code: "InvalidKey" }) },
      ],
    });
  });

  it("signs 1,000 requests at once", async () => {
    const response = await sign({
      requests: Array.from({ length: 1000 }, (_, index) => ({ method: "GET", path: `/${index}` })),
    });
    expect(await response.json()).toMatchObject({ responses: { length: 1000, 999: { status: 307 } } });
  });

  it.each([
    ["no JSON", "{"],
    ["another shape", { request: [] }],
    ["no requests", { requests: [] }],
    ["1,001 requests", { requests: Array.from({ length: 1001 }, () => ({ method: "GET", path: "/k" })) }],
    ["an unknown member", { requests: [{ method: "GET", path: "/k", body: "x" }] }],
    ["a header that is no text", { requests: [{ method: "GET", path: "/k", headers: { a: 1 } }] }],
  ])("refuses %s whole", async (_name, body) => {
    const response = await sign(body);
    expect(response.status).toBe(400);
    expect(await problem(response)).toMatchObject({ code: "InvalidRequest" });
  });

  it("answers any JSON with a refusal or with answers, never with a crash", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (body) => {
        expect((await sign(body)).status).toBe(400);
      }),
      { numRuns: 150 },
    );
  });
});

describe("what is signed", () => {
  it("is the requested key for every accepted path, and a refusal for any other", async () => {
    await using api = await startApi();
    const piece = fc.oneof(
      fc.constantFrom(
        "..",
        ".",
        "%2e",
        "%2E%2e",
        "/",
        "//",
        "%2F",
        "%5c",
        "\\",
        "%00",
        "%0d%0a",
        "%c0%ae",
        "%",
        "%25",
        "a",
        "é",
        "+",
        "&",
        ";",
        "%ED%A0%80",
        "@",
        ":",
      ),
      fc.string({ unit: "binary", maxLength: 3 }).map((text) => encodeURIComponent(text.toWellFormed())),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const path = `/${pieces.join("")}`;
        const answer = await sendRaw(
          api.port,
          `GET ${Buffer.from(path).toString("latin1")} HTTP/1.1`,
          "Connection: close",
        );
        const location = answer.headers["location"];
        expect([307, 400]).toContain(answer.status);
        expect(location === undefined).toBe(answer.status === 400);
        // An independent reading of the path: bytes, each `%XX` being one.
        const requested = unescapeBytes(path.slice(1));
        const signed =
          location === undefined ? requested : unescapeBytes(/^https:\/\/[^/]+\/([^?]*)/u.exec(location)?.[1] ?? "");
        expect(signed).toEqual(requested);
        // What an HTTP client makes of it is the same object again.
        expect(location === undefined || new URL(location).href === location).toBe(true);
      }),
      { numRuns: 80 },
    );
  });

  it("never names another object than the whole decoded path", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1, maxLength: 30 }), async (key) => {
        const response = await app(
          new Request("http://api/"),
          `/${encodeObjectKey(key.toWellFormed())}`.replaceAll("%2F", "/"),
        );
        const location = response.headers.get("location");
        const path = location === null ? null : new URL(location).pathname;
        expect(path === null || path === `/${encodeObjectKey(key)}`).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

function unescapeBytes(path: string): string {
  return Buffer.from(path, "utf8")
    .toString("latin1")
    .replaceAll(/%([0-9A-Fa-f]{2})/gu, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
