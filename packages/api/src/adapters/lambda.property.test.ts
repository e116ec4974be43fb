/** P8: one request, whatever it comes through, has one decision; and an HTTP API, which loses some, refuses those. */
import { percentEncode } from "@s3r/shared";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sendRaw } from "../testing/raw-http.ts";
import { startApi } from "../testing/start-api.ts";
import { FrontDoorError } from "./front-doors/front-door-error.ts";
import type { FrontDoorName } from "./front-doors/front-doors.ts";
import { decisionOf, directDecision, FIXED_OPTIONS, invoke, toDecision, type Decision } from "./testing/invoke.ts";
import { albEvent, functionUrlEvent, httpApiEvent, restApiEvent, type LambdaEvent } from "./testing/lambda-events.ts";
import type { WireRequest } from "./testing/wire-request.ts";

type Door = readonly [name: FrontDoorName, toEvent: (request: WireRequest) => LambdaEvent];

/** Those that hand over the path as it came. */
const FAITHFUL: Readonly<Record<string, Door>> = {
  "a function URL": ["function-url", functionUrlEvent],
  "a REST API": ["rest-api", (request) => restApiEvent(request)],
  "a REST API without binary media types": ["rest-api", (request) => restApiEvent(request, { isBinary: false })],
  "a load balancer": ["alb", (request) => albEvent(request)],
};

async function decide([name, toEvent]: Door, request: WireRequest): Promise<Decision> {
  return decisionOf(await invoke(name, toEvent(request)));
}

/** Any character, in any of the ways in which a client may write it. */
const character = fc.oneof(
  fc.constantFrom(
    "/",
    "%2F",
    "%2f",
    ".",
    "%2e",
    "%2E",
    "+",
    "%2B",
    "%20",
    "%25",
    "%2525",
    "%C3%BC",
    "%00",
    "%5C",
    "%23",
  ),
  fc.constantFrom("%3F", "~", "%7E", "&", "=", ";", ":", "@", "!", "$", "'", "(", ")", "*", ",", "-", "_"),
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 2 })
    .filter((each) => each.isWellFormed())
    .map(percentEncode),
  fc.constantFrom("a", "b", "c", ".s3r", "sign"),
);
const path = fc.array(character, { minLength: 1, maxLength: 12 }).map((characters) => `/${characters.join("")}`);

const parameter = fc.oneof(
  fc.constantFrom("list-type=2", "uploads", "uploads=", "partNumber=1", "uploadId=a%2Bb%2F", "delimiter=%2F", "acl"),
  fc.constantFrom("max-keys=10", "start-after=a+b", "start-after=%C3%BC", "versionId=null", "versionId=a&versionId=b"),
  fc.tuple(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 })).map((pair) => pair.map(percentEncode).join("=")),
);
const query = fc.array(parameter, { maxLength: 3 }).map((parameters) => parameters.join("&"));

const header = fc.constantFrom<readonly [name: string, value: string]>(
  ["Content-Type", "text/plain"],
  ["content-type", "text/html; charset=utf-8"],
  ["If-None-Match", "*"],
  ["x-amz-meta-A", "1"],
  ["x-amz-meta-b", "ü"],
  ["X-Amz-Acl", "public-read"],
  ["S3r-Content-Length", "7"],
  ["Cookie", "a=b; c=d"],
  ["User-Agent", "ü/日"],
  ["Accept", "*/*"],
  ["Transfer-Encoding", "chunked"],
);

const anyBody = fc.oneof(fc.string({ minLength: 1 }), fc.uint8Array({ minLength: 1 }));

const wireRequest: fc.Arbitrary<WireRequest> = fc
  .record({
    method: fc.constantFrom("GET", "HEAD", "PUT", "DELETE", "POST", "PATCH", "OPTIONS"),
    target: fc.tuple(path, query).map(([pathname, search]) => (search === "" ? pathname : `${pathname}?${search}`)),
    headers: fc.uniqueArray(header, { maxLength: 4, selector: ([name]) => name.toLowerCase() }),
    upload: fc.option(anyBody),
  })
  .map(({ upload, ...request }) =>
    upload === null || request.method === "GET" || request.method === "HEAD"
      ? request
      : Object.assign(request, { body: upload }),
  );

describe("the same request through every front door", () => {
  it.each(Object.entries(FAITHFUL))("has the same decision through %s", async (_name, door) => {
    await fc.assert(
      fc.asyncProperty(wireRequest, async (request) => {
        expect(await decide(door, request)).toEqual(await directDecision(request));
      }),
      { numRuns: 250 },
    );
  });

  it.each([
    ["the route `ANY /{proxy+}`", true],
    ["the route `$default`, but for a key that holds `?`", false],
  ])("has the same decision through an HTTP API, or is refused, with %s", async (_name, hasProxyRoute) => {
    const door: Door = ["http-api", (request) => httpApiEvent(request, { hasProxyRoute })];
    await fc.assert(
      fc.asyncProperty(wireRequest, async (request) => {
        const [pathname = ""] = request.target.split("?");
        fc.pre(hasProxyRoute || !/%3f/iu.test(pathname));
        // Another spelling of a reserved path is the path itself there: it opens nothing that the path does not.
        fc.pre(!/^\/(?:\.|%2e)s3r/iu.test(pathname));
        const [actual, expected] = [await decide(door, request), await directDecision(request)];
        const isRefusal = actual.status >= 400 && actual.status < 500;
        expect(isRefusal ? expected : actual).toEqual(expected);
      }),
      { numRuns: 250 },
    );
  });

  it("never has another key signed by an HTTP API that shows the path twice", async () => {
    const door: Door = ["http-api", (request) => httpApiEvent(request, { hasProxyRoute: true })];
    for (const target of ["/a%3Fb", "/a%3F", "/%3F", "/a%3fb?versionId=1", "/a%253Fb", "/a%2523", "/a%23b"]) {
      expect(await decide(door, { method: "GET", target })).toEqual({ status: 400, code: "InvalidKey" });
    }
  });
});

/** B20 of the acceptance tests: spellings that some decoder, somewhere, has got wrong. */
const SPELLINGS: readonly string[] = [
  "/capture/space%20value",
  "/a%2Fb",
  "/a%252Fb",
  "/%252e%252e/x",
  "/a%2F..%2Fb",
  "/%2e%2e/x",
  "/a/./b",
  "/a+b",
  "/a%2Bb",
  "/a%20b%2520c",
  "/100%25",
  "/%25",
  "/%",
  "/%zz",
  "/%c0%ae",
  "/%ED%A0%80",
  "/%00",
  "/%0d%0a",
  "/%5c",
  "/a%3Fb",
  "/a%23b",
  "/a;b:c@d!e$f&g'h(i)j*k,l=m~n",
  "/a%26b%3Dc",
  "/%C3%BC/%E6%97%A5%E6%9C%AC%E8%AA%9E/%F0%9F%98%80",
  "/u%CC%88",
  "/a//b",
  "//b",
  "/a/",
  "/",
  "/.s3r/health",
  "/%2Es3r/health",
  "/ping",
  "/a?list-type=2&delimiter=%2F",
  "/?list-type=2&start-after=a%2Bb",
  "/k?versionId=a+b",
  "/k?acl",
];

describe("every spelling of a path", () => {
  it("means behind the gateways what it means to the Node server", async () => {
    await using api = await startApi(FIXED_OPTIONS);
    const fromNode = await Promise.all(
      SPELLINGS.map(async (target) => {
        const { status, headers, body } = await sendRaw(api.port, `GET ${target} HTTP/1.1`);
        return [target, toDecision(status, headers["location"], body)];
      }),
    );
    for (const door of Object.values(FAITHFUL)) {
      const decisions = SPELLINGS.map(async (target) => [target, await decide(door, { method: "GET", target })]);
      expect(await Promise.all(decisions)).toEqual(fromNode);
    }
  });
});

function isAnswer(outcome: unknown): boolean {
  return typeof outcome === "object" && outcome !== null && "statusCode" in outcome && Number(outcome.statusCode) < 500;
}

/** Some members of an event become something else. */
function breakEvent(event: LambdaEvent, members: LambdaEvent, context: LambdaEvent): LambdaEvent {
  return { ...event, requestContext: { ...Object(event["requestContext"]), ...context }, ...members };
}

function brokenEvent(toEvent: Door[1]): fc.Arbitrary<LambdaEvent> {
  const names = Object.keys(toEvent({ method: "GET", target: "/k" }));
  const members = fc.dictionary(fc.constantFrom(...names), fc.jsonValue(), { maxKeys: 2 });
  const contextNames = fc.constantFrom("http", "path", "stage", "domainName", "elb", "authorizer");
  const context = fc.dictionary(contextNames, fc.jsonValue(), { maxKeys: 1 });
  return fc.tuple(wireRequest.map(toEvent), members, context).map((parts) => breakEvent(...parts));
}

describe("any event", () => {
  const DOORS: readonly Door[] = [...Object.values(FAITHFUL), ["http-api", (request) => httpApiEvent(request)]];

  it("is answered, or said not to be of this front door", async () => {
    const cases = fc.oneof(...DOORS.map((door) => fc.tuple(fc.constant(door[0]), brokenEvent(door[1]))));
    await fc.assert(
      fc.asyncProperty(cases, async ([name, event]) => {
        const outcome = await invoke(name, event).catch((error: unknown) => error);
        expect(isAnswer(outcome) || outcome instanceof FrontDoorError).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
