/** The whole way of a request through authentication and policy, to its answer and its line in the access log. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AccessLogEntry } from "./access-record.ts";
import { createApp, type App } from "./app.ts";
import { policyOptions } from "./testing/policy-options.ts";
import { TEST_APP_OPTIONS } from "./testing/start-api.ts";

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const WRITER = "s3r_writer-token-that-nobody-else-knows-0000000000";
const READER = "s3r_reader-token-that-nobody-else-knows-0000000000";
const LAPSED = "s3r_lapsed-token-that-nobody-else-knows-0000000000";

const POLICY = `
version: 1
audience: https://files.example.com
tokens:
  - { name: writer, sha256: ${sha256(WRITER)} }
  - { name: reader, sha256: ${sha256(READER)} }
  - { name: reader, sha256: ${sha256(LAPSED)}, expires: 2026-01-01 }
statements:
  - { id: public, principals: anonymous, actions: read, keys: public/** }
  - { id: read, principals: reader, actions: [read, list], keys: team-a/** }
  - id: write
    principals: writer
    actions: [read, write, delete]
    keys: team-a/**
    limits: { maxBytes: 1KiB, overwrite: false, expiresIn: 60 }
  - { id: frozen, effect: deny, principals: "*", actions: [write, delete], keys: "**/frozen/**" }
`;

interface Api {
  readonly app: App;
  readonly log: readonly AccessLogEntry[];
  readonly send: (method: string, target: string, headers?: Record<string, string>) => Promise<Response>;
}

function openApi(policy = POLICY, now: () => Date = () => new Date("2026-11-23T06:00:00Z")): Api {
  const log: AccessLogEntry[] = [];
  const app = createApp({
    ...TEST_APP_OPTIONS,
    ...policyOptions(policy, { now }),
    onAccess: (entry) => void log.push(entry),
  });
  return {
    app,
    log,
    send: (method, target, headers = {}) => app(new Request("http://s3r.invalid/", { method, headers }), target),
  };
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

async function codeOf(response: Response): Promise<unknown> {
  const problem: unknown = await response.json();
  return typeof problem === "object" && problem !== null && "code" in problem ? problem.code : undefined;
}

describe("a request", () => {
  it("of nobody is answered where the policy names anonymous, and asked who it is elsewhere", async () => {
    const { send } = openApi();
    expect((await send("GET", "/public/a")).status).toBe(307);
    const refused = await send("GET", "/team-a/a");
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toMatch(/Basic realm="s3r".*Bearer realm="s3r"/u);
    expect(refused.headers.get("cache-control")).toBe("no-store");
    expect(await codeOf(refused)).toBe("Unauthenticated");
  });

  it("of nobody is forbidden where there is nobody to be", async () => {
    const { send } = openApi("{version: 1, statements: [{principals: anonymous, actions: read, keys: public/**}]}");
    const refused = await send("GET", "/private");
    expect(refused.status).toBe(403);
    expect(refused.headers.get("www-authenticate")).toBeNull();
  });

  it("with a token that is wrong or has lapsed is refused also where nobody would be let in", async () => {
    const { send } = openApi();
    for (const token of ["wrong", LAPSED]) {
      expect((await send("GET", "/public/a", bearer(token))).status).toBe(401);
    }
  });

  it("takes the token as a Bearer and as a password", async () => {
    const { send } = openApi();
    const basic = `Basic ${Buffer.from(`anyone:${READER}`).toString("base64")}`;
    expect((await send("GET", "/team-a/a", bearer(READER))).status).toBe(307);
    expect((await send("GET", "/team-a/a", { authorization: basic })).status).toBe(307);
  });

  it.each([
    ["PUT", "/team-a/a"],
    ["DELETE", "/team-a/a"],
    ["POST", "/team-a/a?uploads"],
    ["PUT", "/team-a/a?partNumber=1&uploadId=u"],
    ["POST", "/team-a/a?uploadId=u"],
    ["GET", "/team-a/a?uploadId=u"],
    ["DELETE", "/team-a/a?uploadId=u"],
  ])("C15: with a read-only token may not %s %s", async (method, target) => {
    const response = await openApi().send(method, target, { ...bearer(READER), "content-length": "1" });
    expect(response.status).toBe(403);
    expect(await codeOf(response)).toBe("AccessDenied");
  });

  it.each([
    ["/team-ab/x", 403],
    ["/team-a", 403],
    ["/TEAM-A/x", 403],
    ["/team-a%2F..%2Fteam-b/x", 400],
    ["/team-a/../team-b/x", 400],
    ["/team-a%252F..%252Fteam-b/x", 403],
    ["//team-a/x", 400],
    ["/team-a/x", 307],
    ["/team-a%2Fx", 307],
  ])("B11: for %s by who may read team-a is answered with %i", async (target, status) => {
    const response = await openApi().send("GET", target, bearer(READER));
    expect(response.status).toBe(status);
    expect(response.headers.has("location")).toBe(status === 307);
  });

  it("B14: is signed for the configured store, whoever the client says that the API is", async () => {
    const forged = { "x-forwarded-host": "evil", "x-forwarded-proto": "gopher", forwarded: "host=evil", host: "evil" };
    const response = await openApi().send("GET", "/public/a", forged);
    expect(new URL(response.headers.get("location") ?? "").host).toBe("artifacts.s3.eu-central-1.amazonaws.com");
  });

  it.each([
    ["PUT", "/team-b/k?partNumber=1&uploadId=of-another-tenant", 403],
    ["POST", "/team-b/k?uploadId=of-another-tenant", 403],
    ["PUT", "/team-a/k?partNumber=0&uploadId=u", 400],
    ["PUT", "/team-a/k?partNumber=10001&uploadId=u", 400],
    ["PUT", "/team-a/k?partNumber=5abc&uploadId=u", 400],
    ["PUT", "/team-a/k?partNumber=1&partNumber=2&uploadId=u", 400],
    ["PUT", "/team-a/k?partNumber=1&uploadId=", 400],
  ])("B17: %s %s is answered with %i and no URL", async (method, target, status) => {
    const response = await openApi().send(method, target, { ...bearer(WRITER), "content-length": "1" });
    expect(response.status).toBe(status);
    expect(response.headers.has("location")).toBe(false);
  });

  it.each([
    [{}, 411, "LengthRequired"],
    [{ "content-length": "1025", "if-none-match": "*" }, 413, "EntityTooLarge"],
    [{ "s3r-content-length": "1025", "if-none-match": "*" }, 413, "EntityTooLarge"],
    [{ "content-length": "1024" }, 428, "PreconditionRequired"],
  ])("that does not keep a limit (%o) is answered with %i", async (headers, status, code) => {
    const response = await openApi().send("PUT", "/team-a/a", { ...bearer(WRITER), ...headers });
    expect(response.status).toBe(status);
    expect(await codeOf(response)).toBe(code);
  });

  it.each([
    ["1024", "content-length;host;if-none-match"],
    ["0", "content-length;host;if-none-match"],
  ])(
    "that keeps every limit with %s bytes is signed with what it announced, and lives as long as the statement says",
    async (length, signed) => {
      const response = await openApi().send("PUT", "/team-a/a", {
        ...bearer(WRITER),
        "content-length": length,
        "if-none-match": "*",
      });
      const { searchParams } = new URL(response.headers.get("location") ?? "");
      expect(searchParams.get("X-Amz-SignedHeaders")).toBe(signed);
      expect(searchParams.get("X-Amz-Expires")).toBe("60");
      expect(response.headers.get("s3r-expires-in")).toBe("60");
    },
  );

  it("is denied where a statement denies, whatever others allow", async () => {
    const { send, log } = openApi();
    const headers = { ...bearer(WRITER), "content-length": "1", "if-none-match": "*" };
    expect((await send("PUT", "/team-a/frozen/x", headers)).status).toBe(403);
    expect(log.at(-1)).toMatchObject({ decision: "deny", statement: "frozen", code: "AccessDenied" });
  });
});

async function signBatch(
  { app }: Api,
  requests: readonly unknown[],
  headers: Record<string, string>,
): Promise<Response> {
  const body = JSON.stringify({ requests });
  return await app(new Request("http://s3r.invalid/", { method: "POST", body, headers }), "/.s3r/sign");
}

describe("POST /.s3r/sign", () => {
  it("decides on each entry, and logs each", async () => {
    const api = openApi();
    const requests = [
      { method: "GET", path: "/team-a/a" },
      { method: "GET", path: "/team-b/a" },
      { method: "PUT", path: "/team-a/a", headers: { "content-length": "1" } },
      { method: "GET", path: "/../a" },
    ];
    const response = await signBatch(api, requests, bearer(READER));
    expect(response.status).toBe(200);
    const { responses }: { responses: { status: number }[] } = JSON.parse(await response.text());
    expect(responses.map(({ status }) => status)).toEqual([307, 403, 403, 400]);
    const lines = api.log.toSorted((a, b) => (a.batch ?? 9) - (b.batch ?? 9));
    expect(lines.map(({ batch, status, operation }) => ({ batch, status, operation }))).toEqual([
      { batch: 0, status: 307, operation: "GetObject" },
      { batch: 1, status: 403, operation: "GetObject" },
      { batch: 2, status: 403, operation: "PutObject" },
      { batch: 3, status: 400, operation: undefined },
      { batch: undefined, status: 200, operation: "/.s3r/sign" },
    ]);
    expect(new Set(api.log.map(({ requestId }) => requestId)).size).toBe(1);
  });

  it("refuses the whole batch of who presents a wrong token", async () => {
    const response = await signBatch(openApi(), [{ method: "GET", path: "/public/a" }], bearer("wrong"));
    expect(response.status).toBe(401);
  });

  it("takes no token from an entry", async () => {
    const requests = [{ method: "GET", path: "/team-a/a", headers: bearer(READER) }];
    const response = await signBatch(openApi(), requests, {});
    const { responses }: { responses: { status: number }[] } = JSON.parse(await response.text());
    expect(responses.map(({ status }) => status)).toEqual([401]);
  });
});

describe("GET /.s3r/whoami", () => {
  it("says who one is and what one may do, of others nothing", async () => {
    const response = await openApi().send("GET", "/.s3r/whoami", bearer(READER));
    expect(await response.json()).toEqual({
      principal: { name: "reader", kind: "token", claims: {} },
      statements: [
        { id: "read", effect: "allow", actions: ["read", "list"], keys: ["team-a/**"], limits: {} },
        { id: "frozen", effect: "deny", actions: ["write", "delete"], keys: ["**/frozen/**"], limits: {} },
      ],
    });
  });

  it("knows nobody as anonymous, and refuses a wrong token", async () => {
    const { send } = openApi();
    expect(await (await send("GET", "/.s3r/whoami")).json()).toMatchObject({ principal: { name: "anonymous" } });
    expect((await send("GET", "/.s3r/whoami", bearer("wrong"))).status).toBe(401);
  });
});

describe("GET /.s3r/", () => {
  it("says how to authenticate", async () => {
    const closed = POLICY.replace(/^.*id: public.*\n/mu, "");
    expect(await (await openApi().send("GET", "/.s3r/")).json()).toMatchObject({
      authentication: { required: false, schemes: ["Bearer", "Basic"], audience: "https://files.example.com" },
    });
    expect(await (await openApi(closed).send("GET", "/.s3r/")).json()).toMatchObject({
      authentication: { required: true },
    });
  });
});

describe("claims of a gateway in front", () => {
  const TRUSTING = `
version: 1
gateway: { name: gate, authorizer: jwt }
statements: [{ principals: gate, actions: read, keys: "\${claims.team}/**" }]
`;

  it("are the principal where the policy says so", async () => {
    const { app } = openApi(TRUSTING);
    expect((await app(new Request("http://s3r.invalid/"), "/blue/a", { gatewayClaims: { team: "blue" } })).status).toBe(
      307,
    );
    expect((await app(new Request("http://s3r.invalid/"), "/blue/a", { gatewayClaims: { team: "red" } })).status).toBe(
      403,
    );
    expect((await app(new Request("http://s3r.invalid/"), "/blue/a")).status).toBe(403);
  });

  it("are nothing where it does not", async () => {
    const { app } = openApi();
    expect(
      (await app(new Request("http://s3r.invalid/"), "/team-a/a", { gatewayClaims: { sub: "reader" } })).status,
    ).toBe(401);
  });
});

describe("the rate limit", () => {
  it("C19: stops one principal that asks 1,000 times, tells it when to come back, and serves the others", async () => {
    let now = Date.parse("2026-11-23T06:00:00Z");
    const { send } = openApi(`${POLICY}rateLimit: { requestsPerSecond: 50, burst: 100 }\n`, () => new Date(now));
    const counts = new Map<number, number>();
    let last = new Response();
    for (let sent = 0; sent < 1000; sent += 1) {
      now += 1;
      last = await send("GET", "/team-a/a", bearer(READER));
      counts.set(last.status, (counts.get(last.status) ?? 0) + 1);
    }
    // 100 at once, and 50 in the second that the 1,000 took.
    expect(counts.get(307)).toBeGreaterThanOrEqual(149);
    expect(counts.get(307)).toBeLessThanOrEqual(150);
    expect(counts.get(429)).toBe(1000 - (counts.get(307) ?? 0));
    expect(last.headers.get("retry-after")).toBe("1");
    expect((await send("GET", "/public/a")).status).toBe(307);
    now += 1000;
    expect((await send("GET", "/team-a/a", bearer(READER))).status).toBe(307);
  });
});

describe("the access log", () => {
  it("has one line a request, of a fixed set of members", async () => {
    const { send, log } = openApi();
    await send("GET", "/team-a/a?versionId=v1", { ...bearer(READER), "x-custom": "secret-header" });
    await send("GET", "/nothing//here", bearer(READER));
    await send("GET", "/.s3r/health");
    expect(log).toEqual([
      {
        time: "2026-11-23T06:00:00.000Z",
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/u),
        method: "GET",
        operation: "GetObject",
        key: "team-a/a",
        principal: "reader",
        decision: "allow",
        statement: "read",
        status: 307,
        milliseconds: expect.any(Number),
        signingMilliseconds: expect.any(Number),
      },
      { ...log[1], method: "GET", status: 400, code: "InvalidKey" },
      { ...log[2], operation: "/.s3r/health", status: 200 },
    ]);
    expect(JSON.stringify(log)).not.toMatch(/versionId|v1|secret-header|Bearer|s3r_|X-Amz/u);
    expect(Object.keys(log[1] ?? {})).not.toContain("key");
  });

  it("C16: never mixes up two principals whose requests are interleaved 1,000 times", async () => {
    const { send, log } = openApi();
    const answers = await Promise.all(
      Array.from({ length: 2000 }, (_, index) =>
        send("DELETE", `/team-a/${index}`, bearer(index % 2 === 0 ? WRITER : READER)),
      ),
    );
    expect(answers.every(({ status }, index) => status === (index % 2 === 0 ? 307 : 403))).toBe(true);
    expect(
      log.every(({ key, principal }) => principal === (Number(key?.split("/")[1]) % 2 === 0 ? "writer" : "reader")),
    ).toBe(true);
  });
});
