import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { gatewayClaims } from "../auth/gateway-claims.ts";
import { createApp } from "../app.ts";
import { policyOptions } from "../testing/policy-options.ts";
import { FRONT_DOORS, type FrontDoorName } from "./front-doors/front-doors.ts";
import { createLambdaHandler } from "./lambda.ts";
import { decisionOf, FIXED_OPTIONS, invoke, type Result } from "./testing/invoke.ts";
import { albEvent, functionUrlEvent, httpApiEvent, restApiEvent, type LambdaEvent } from "./testing/lambda-events.ts";
import { PUBLISHED_EVENTS } from "./testing/published-events.ts";
import type { WireRequest } from "./testing/wire-request.ts";

const TO_EVENT: Readonly<Record<FrontDoorName, (request: WireRequest) => LambdaEvent>> = {
  "function-url": functionUrlEvent,
  "http-api": (request) => httpApiEvent(request),
  "rest-api": (request) => restApiEvent(request),
  alb: (request) => albEvent(request),
};
const NAMES: readonly FrontDoorName[] = ["function-url", "http-api", "rest-api", "alb"];

function headersOf({ headers, multiValueHeaders }: Result): Readonly<Record<string, string | undefined>> {
  if (multiValueHeaders === undefined) return headers;
  return Object.fromEntries(Object.entries(multiValueHeaders).map(([name, values]) => [name, values[0]]));
}

async function ask(name: FrontDoorName, request: WireRequest): Promise<Result> {
  return await invoke(name, TO_EVENT[name](request));
}

function get(target: string): WireRequest {
  return { method: "GET", target };
}

function signedPath(result: Result): string {
  return new URL(headersOf(result)["location"] ?? "").pathname;
}

function signedHeaders(result: Result): string {
  return new URL(headersOf(result)["location"] ?? "").searchParams.get("X-Amz-SignedHeaders") ?? "";
}

describe.each(NAMES)("the front door %s", (name) => {
  it("redirects, with every header that the app has answered with", async () => {
    const result = await ask(name, { method: "GET", target: "/a%20b/c.txt" });
    expect(result).toMatchObject({ statusCode: 307, isBase64Encoded: false });
    expect(result.body).toMatch(/^Not here: /u);
    expect(signedPath(result)).toBe("/a%20b/c.txt");
    expect(headersOf(result)).toMatchObject({
      "cache-control": "no-store",
      vary: "Authorization, Origin",
      "s3r-expires-in": "300",
      "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/u),
    });
  });

  it("gives a HEAD no body", async () => {
    expect(await ask(name, { method: "HEAD", target: "/k" })).toMatchObject({ statusCode: 307, body: "" });
    expect(await ask(name, { method: "HEAD", target: "/%00" })).toMatchObject({ statusCode: 400, body: "" });
  });

  it.each(["text", "bytes"])("reads a batch that came as %s", async (kind) => {
    const batch = JSON.stringify({
      requests: [
        { method: "PUT", path: "/%C3%BC%3F" },
        { method: "GET", path: "/../x" },
      ],
    });
    const body = kind === "text" ? batch : Buffer.from(batch);
    const result = await ask(name, { method: "POST", target: "/.s3r/sign", body });
    expect(JSON.parse(result.body)).toMatchObject({ responses: [{ status: 307 }, { status: 400 }] });
  });

  it("signs the length of an upload whose body came along, also where the front door leaves the header out", async () => {
    for (const body of ["hällo", Buffer.from([0xff, 0xfe, 0])]) {
      expect(signedHeaders(await ask(name, { method: "PUT", target: "/k", body }))).toBe("content-length;host");
    }
  });

  it("refuses two values where S3 would get another one", async () => {
    const twice = {
      method: "PUT",
      target: "/k",
      headers: [
        ["If-None-Match", "*"],
        ["If-None-Match", '"a"'],
      ],
    } as const;
    expect((await ask(name, twice)).statusCode).toBe(400);
  });

  it("takes every value of a header that is a list", async () => {
    const headers = [
      ["Access-Control-Request-Headers", "a"],
      ["Access-Control-Request-Headers", "b"],
      ["Origin", "null"],
    ] as const;
    const event = TO_EVENT[name]({ method: "OPTIONS", target: "/k", headers });
    const result = await invoke(name, event, { app: { corsOrigins: ["*"] } });
    expect(headersOf(result)["access-control-allow-headers"]?.replace(" ", "")).toBe("a,b");
  });

  it.each(["TRACE", "CONNECT", "get", "G T", ""])("refuses the method %j with 405", async (method) => {
    const result = await ask(name, { method, target: "/k" });
    expect(decisionOf(result)).toEqual({ status: 405, code: "MethodNotAllowed" });
    expect(headersOf(result)["allow"]).toContain("PUT");
  });

  it("answers what cannot be sent over HTTP with 400", async () => {
    for (const headers of [[["x y", "1"]], [["a", "1\r\nb: 2"]], [["x-amz-\u{e9}", "1"]]] as const) {
      expect(decisionOf(await ask(name, { method: "GET", target: "/k", headers }))).toMatchObject({ status: 400 });
    }
  });

  it("has the app's own errors answered, and lets no others out as answers", async () => {
    const event = TO_EVENT[name]({ method: "GET", target: "/k" });
    const failing = createLambdaHandler(() => Promise.reject(new TypeError("a bug")), FRONT_DOORS[name]({}));
    await expect(failing(event)).rejects.toThrow("a bug");
  });

  it("refuses every other front door's events, and what is no event at all", async () => {
    const request = { method: "GET", target: "/k" };
    const others = NAMES.filter((other) => other !== name).map((other) => TO_EVENT[other](request));
    const payloadV1 = { ...restApiEvent(request), version: "1.0" };
    for (const event of [...others, payloadV1, {}, { Records: [{ s3: "secret" }] }, { headers: "secret" }]) {
      await expect(invoke(name, event)).rejects.toThrow(
        expect.objectContaining({
          name: "FrontDoorError",
          message: expect.stringMatching(new RegExp(`^S3R_FRONT_DOOR is \`${name}\`, but (?!.*secret)`, "u")),
        }),
      );
    }
  });
});

describe("the events that AWS publishes", () => {
  it.each(PUBLISHED_EVENTS)("are answered: $source", async ({ frontDoor, event, decision }) => {
    expect(decisionOf(await invoke(frontDoor, event))).toMatchObject(decision);
  });
});

describe("a function URL", () => {
  it("takes the path as it came, and the query as it came", async () => {
    const target = "/a%2Fb%2520c?list-type=2&start-after=a%2Bb";
    const result = await invoke("function-url", functionUrlEvent({ method: "GET", target }));
    const location = new URL(result.headers["location"] ?? "");
    expect(location.searchParams.get("prefix")).toBe("a/b%20c");
    expect(location.searchParams.get("start-after")).toBe("a+b");
  });

  it("may have a base path before its keys, by configuration", async () => {
    const below = { basePath: "/files" };
    expect(signedPath(await invoke("function-url", functionUrlEvent(get("/files/a%20b")), below))).toBe("/a%20b");
    const root = await invoke("function-url", functionUrlEvent(get("/files")), below);
    expect(decisionOf(root)).toEqual({ status: 400, code: "InvalidKey" });
    for (const target of ["/other/a", "/filesa", "/"]) {
      const elsewhere = await invoke("function-url", functionUrlEvent(get(target)), below);
      expect(decisionOf(elsewhere)).toEqual({ status: 404, code: "NotFound" });
    }
  });
});

describe("an HTTP API", () => {
  it("decodes no key a second time", async () => {
    expect(signedPath(await invoke("http-api", httpApiEvent(get("/a%20b/%C3%BC+%2B&c"))))).toBe(
      "/a%20b/%C3%BC%2B%2B%26c",
    );
  });

  it.each(["/100%25", "/a%252Fb", "/a%23b", "/%0a", "/%EF%BF%BD"])(
    "refuses %s, which may have been another",
    async (target) => {
      const decision = decisionOf(await invoke("http-api", httpApiEvent(get(target))));
      expect(decision).toEqual({ status: 400, code: "InvalidKey" });
    },
  );

  it("has such keys signed in a batch", async () => {
    const body = JSON.stringify({ requests: [{ method: "GET", path: "/100%25/a%3Fb%23c" }] });
    const result = await invoke("http-api", httpApiEvent({ method: "POST", target: "/.s3r/sign", body }));
    expect(result.body).toContain("amazonaws.com/100%25/a%3Fb%23c?");
  });

  it("refuses a path of which the event shows another spelling", async () => {
    const event = httpApiEvent(get("/a"));
    const context = httpApiEvent(get("/b"))["requestContext"];
    expect(decisionOf(await invoke("http-api", { ...event, requestContext: context }))).toMatchObject({
      code: "InvalidKey",
    });
    const broken = { ...httpApiEvent(get("/a"), { hasProxyRoute: true }), pathParameters: { proxy: "%" } };
    expect(decisionOf(await invoke("http-api", broken))).toMatchObject({ code: "InvalidKey" });
  });

  it("takes a named stage off, on the API's own domain", async () => {
    const event = httpApiEvent(get("/a/b"), { stage: "live" });
    expect(signedPath(await invoke("http-api", event))).toBe("/a/b");
    const elsewhere = { ...event, rawPath: "/livea/b" };
    expect(decisionOf(await invoke("http-api", elsewhere))).toEqual({ status: 404, code: "NotFound" });
  });

  it("does not guess about a stage on a custom domain", async () => {
    const event = httpApiEvent(get("/a"), { stage: "live", domainName: "files.example.com" });
    await expect(invoke("http-api", event)).rejects.toThrow("set S3R_BASE_PATH");
    expect(signedPath(await invoke("http-api", event, { basePath: "/live" }))).toBe("/a");
    expect(signedPath(await invoke("http-api", event, { basePath: "" }))).toBe("/live/a");
  });
});

describe("a REST API", () => {
  it("keeps a slash at the end, which its route parameter does not have", async () => {
    expect(decisionOf(await invoke("rest-api", restApiEvent(get("/a/"))))).toMatchObject({ code: "InvalidKey" });
    const listing = await invoke("rest-api", restApiEvent(get("/a/?list-type=2")));
    expect(new URL(listing.headers["location"] ?? "").searchParams.get("prefix")).toBe("a/");
  });

  it("takes the configured base path of a custom domain off, and says when one is missing", async () => {
    const event = restApiEvent(get("/a%20b/c"), { basePath: "/files/v1" });
    expect(signedPath(await invoke("rest-api", event, { basePath: "/files/v1" }))).toBe("/a%20b/c");
    await expect(invoke("rest-api", event)).rejects.toThrow("begin with `/files/v1`");
    await expect(invoke("rest-api", event, { basePath: "/files" })).rejects.toThrow("begin with `/v1`");
    const direct = restApiEvent(get("/a"));
    expect(decisionOf(await invoke("rest-api", direct, { basePath: "/files/v1" }))).toMatchObject({ code: "NotFound" });
  });

  it.each([
    ["requestContext.path", { requestContext: { path: "/live/b", stage: "live" } }],
    ["the route's parameter", { pathParameters: { proxy: "b" } }],
  ])("refuses a path of which %s shows another spelling", async (_name, changed) => {
    const decision = decisionOf(await invoke("rest-api", { ...restApiEvent(get("/a")), ...changed }));
    expect(decision).toEqual({ status: 400, code: "InvalidKey" });
  });

  it("does not sign the length of bytes that it has made text of", async () => {
    const body = Buffer.from([0xff, 0xfe, 0]);
    const broken = {
      ...restApiEvent({ method: "PUT", target: "/k", body }),
      body: body.toString(),
      isBase64Encoded: false,
    };
    expect(signedHeaders(await invoke("rest-api", broken))).toBe("host");
  });

  it("refuses a parameter that was no UTF-8", async () => {
    const event = { ...restApiEvent(get("/k")), multiValueQueryStringParameters: { versionId: ["\u{fffd}"] } };
    expect(decisionOf(await invoke("rest-api", event))).toEqual({ status: 400, code: "InvalidRequest" });
  });
});

describe("a load balancer", () => {
  it("is answered in the kind of headers that it has sent", async () => {
    const request = { method: "GET", target: "/a?versionId=1" };
    expect(await invoke("alb", albEvent(request))).toMatchObject({
      multiValueHeaders: { vary: ["Authorization, Origin"] },
    });
    const single = await invoke("alb", albEvent(request, false));
    expect(single).toMatchObject({ statusCode: 307, headers: { vary: "Authorization, Origin" } });
    expect(single).not.toHaveProperty("multiValueHeaders");
  });
});

describe("the event's requestContext", () => {
  it("goes to the app beside the request: an authorizer's claims are in it, and never in what the client sent", async () => {
    const policy = policyOptions(`
version: 1
gateway: { name: gate, authorizer: jwt }
tokens: [{ name: bot, sha256: ${createHash("sha256").update("t").digest("hex")} }]
statements: [{ principals: gate, claims: { team: a }, actions: read, keys: "**" }]
`);
    const app = createApp({ ...FIXED_OPTIONS, ...policy });
    const handler = createLambdaHandler(
      async (request, target, context) => await app(request, target, { gatewayClaims: gatewayClaims(context, "jwt") }),
      FRONT_DOORS["http-api"]({}),
    );
    const headers = [["x-claims", '{"team":"a"}']] as const;
    const asked = async (authorizer: unknown): Promise<unknown> =>
      await handler(httpApiEvent({ method: "GET", target: "/k", headers }, { authorizer }));
    expect(await asked({ jwt: { claims: { team: "a" }, scopes: null } })).toMatchObject({ statusCode: 307 });
    expect(await asked({ jwt: { claims: { team: "b" }, scopes: null } })).toMatchObject({ statusCode: 403 });
    expect(await asked({ jwt: { claims: null, scopes: null } })).toMatchObject({ statusCode: 401 });
  });
});
