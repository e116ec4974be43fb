/** Decisions as tables: a policy, a principal and a request, and what comes of it. */
import { parseRoute, ProtocolError } from "@s3r/shared";
import { describe, expect, it } from "vitest";
import { announce } from "../announce.ts";
import { ANONYMOUS, type Principal } from "../auth/principal.ts";
import { authorize, type Decision } from "./authorize.ts";
import { parsePolicy } from "./parse-policy.ts";
import type { Policy } from "./policy.ts";

const NOW = new Date("2026-11-23T06:00:00Z");

type Statement = Readonly<Record<string, unknown>>;
type Claims = Readonly<Record<string, unknown>>;

const DOCUMENT = {
  version: 1,
  audience: "https://files.example.com",
  tokens: [
    { name: "ci", sha256: "0".repeat(64) },
    { name: "ops", sha256: "1".repeat(64) },
  ],
  issuers: [{ name: "idp", issuer: "https://idp.example.com" }],
};

function policyOf(statements: readonly Statement[]): Policy {
  const parsed = parsePolicy(JSON.stringify({ ...DOCUMENT, statements }), "policy.json");
  if (!parsed.ok) throw new Error(parsed.complaints.join("\n"));
  return parsed.policy;
}

const CI: Principal = { name: "ci", kind: "token", claims: {} };
const OPS: Principal = { name: "ops", kind: "token", claims: {} };

function idp(claims: Claims): Principal {
  return { name: "idp", kind: "issuer", claims };
}

function decisionOf(
  statements: readonly Statement[],
  principal: Principal,
  request: string,
  headers: Readonly<Record<string, string>> = {},
): Decision {
  const [method = "", target = ""] = request.split(" ");
  const operation = parseRoute(method, target);
  const announced = announce(operation, new Headers(headers));
  return authorize(policyOf(statements), { principal, operation, announced, now: NOW });
}

/** `allow`, or the code of the refusal, of the policy or of the request itself. */
function decide(...asked: Parameters<typeof decisionOf>): string {
  try {
    const decision = decisionOf(...asked);
    return decision.effect === "allow" ? "allow" : decision.code;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

const ALL = ["read", "write", "delete", "list"];

function allow(keys: string, more: Statement = {}): Statement {
  return { principals: "*", actions: ["read", "write", "delete"], keys, ...more };
}

function deny(keys: string, more: Statement = {}): Statement {
  return { effect: "deny", ...allow(keys), ...more };
}

describe("B11: a key pattern", () => {
  it.each<readonly [pattern: string, path: string, outcome: string]>([
    ["team-a/**", "/team-a/x", "allow"],
    ["team-a/**", "/team-a/x/y/z", "allow"],
    ["team-a/**", "/team-a", "AccessDenied"],
    ["team-a/**", "/team-ab/x", "AccessDenied"],
    ["team-a/**", "/team-a%2Fx", "allow"],
    ["team-a/**", "/TEAM-A/x", "AccessDenied"],
    ["team-a/**", "/team-a%20/x", "AccessDenied"],
    ["team-a/**", "/x/team-a/y", "AccessDenied"],
    ["team-a/**", "/team-b/x", "AccessDenied"],
    ["team-a/**", "/team-a%2F..%2Fteam-b/x", "InvalidKey"],
    ["team-a/**", "/team-a/../team-b/x", "InvalidKey"],
    ["team-a/**", "/team-a/%2e%2e/team-b/x", "InvalidKey"],
    ["team-a/**", "/team-a/%252e%252e/team-b/x", "allow"],
    ["team-a/**", "/team-a/./x", "InvalidKey"],
    ["team-a/**", "/team-a//x", "InvalidKey"],
    ["team-a/**", "/team-a/", "InvalidKey"],
    ["team-a/**", "/team-a%5C..%5Cteam-b", "InvalidKey"],
    ["team-a/**", "/team-a/%00", "InvalidKey"],
    ["team-a/**", "/team-a/%c0%ae%c0%ae/x", "InvalidKey"],
    ["team-a/**", "/team-a/%ff", "InvalidKey"],
    ["team-a/**", "/team%E2%80%90a/x", "AccessDenied"],
    ["team-a/**", "/team-%D0%B0/x", "AccessDenied"],
    ["team-a/**", "//team-a/x", "InvalidKey"],
    ["**", "/a", "allow"],
    ["**", "/a/b/c", "allow"],
    ["*", "/a", "allow"],
    ["*", "/a/b", "AccessDenied"],
    ["*/**", "/a/b", "allow"],
    ["*/**", "/a", "AccessDenied"],
    ["a/*/c", "/a/b/c", "allow"],
    ["a/*/c", "/a/c", "AccessDenied"],
    ["a/*/c", "/a/b/b/c", "AccessDenied"],
    ["a/*/c", "/a/b%2Fb/c", "AccessDenied"],
    ["a/**/c", "/a/c", "allow"],
    ["a/**/c", "/a/b/c", "allow"],
    ["a/**/c", "/a/b/b/b/c", "allow"],
    ["a/**/c", "/a/b/cc", "AccessDenied"],
    ["a/**/c/**", "/a/c/d", "allow"],
    ["a/**/c/**", "/a/c", "AccessDenied"],
    ["**/secret.txt", "/secret.txt", "allow"],
    ["**/secret.txt", "/a/b/secret.txt", "allow"],
    ["**/secret.txt", "/a/not-secret.txt", "AccessDenied"],
    ["*.tgz", "/app.tgz", "allow"],
    ["*.tgz", "/.tgz", "allow"],
    ["*.tgz", "/app.tgz.sig", "AccessDenied"],
    ["*.tgz", "/app-tgz", "AccessDenied"],
    ["releases/*/app-*.tgz", "/releases/1.2/app-1.2.tgz", "allow"],
    ["releases/*/app-*.tgz", "/releases/1.2/lib-1.2.tgz", "AccessDenied"],
    ["releases/*/app-*.tgz", "/releases/app-1.tgz", "AccessDenied"],
    ["a*b*c", "/abc", "allow"],
    ["a*b*c", "/axxbxxc", "allow"],
    ["a*b*c", "/acb", "AccessDenied"],
    ["a*b*b*c", "/abc", "AccessDenied"],
    ["a*b*b*c", "/abbc", "allow"],
    ["*aa*aa*", "/aaa", "AccessDenied"],
    ["*aa*aa*", "/aaaa", "allow"],
    ["ab*ba", "/aba", "AccessDenied"],
    ["ab*ba", "/abba", "allow"],
    ["exact/key", "/exact/key", "allow"],
    ["exact/key", "/exact/key2", "AccessDenied"],
    ["exact/key", "/exact/ke", "AccessDenied"],
    ["a.b", "/a.b", "allow"],
    ["a.b", "/axb", "AccessDenied"],
    ["a+b (1)", "/a%2Bb%20(1)", "allow"],
    ["a+b (1)", "/a+b%20(1)", "allow"],
    ["é", "/%C3%A9", "allow"],
    ["é", "/e%CC%81", "AccessDenied"],
    ["日本語/**", "/%E6%97%A5%E6%9C%AC%E8%AA%9E/x", "allow"],
  ])("%s over GET %s: %s", (pattern, path, outcome) => {
    expect(decide([allow(pattern)], CI, `GET ${path}`)).toBe(outcome);
  });
});

describe("C8, C9: a claim in a key pattern", () => {
  it.each<readonly [pattern: string, claim: unknown, path: string, outcome: string]>([
    ["${claims.t}/**", "acme", "/acme/x", "allow"],
    ["${claims.t}/**", "acme", "/acme-b/x", "AccessDenied"],
    ["${claims.t}/**", "acme", "/other/x", "AccessDenied"],
    ["${claims.t}/**", "octo/app", "/octo/app/x", "allow"],
    ["${claims.t}/**", "octo/app", "/octo/application/x", "AccessDenied"],
    ["${claims.t}/**", "octo/app", "/octo/x", "AccessDenied"],
    ["${claims.t}/**", "octo/app", "/octo%2Fapp/x", "allow"],
    ["a-${claims.t}/**", "1", "/a-1/x", "allow"],
    ["a-${claims.t}/**", "1", "/a-12/x", "AccessDenied"],
    ["a-${claims.t}/**", "1/2", "/a-1/2/x", "AccessDenied"],
    ["a-${claims.t}-z/**", "1", "/a-1-z/x", "allow"],
    ["${claims.t}/**", 7, "/7/x", "allow"],
    ["${claims.t}/**", 7, "/70/x", "AccessDenied"],
    ["${claims.t}/**", true, "/true/x", "allow"],
    ["${claims.t}/**", 1.5, "/1.5/x", "AccessDenied"],
    ["${claims.t}/**", undefined, "/undefined/x", "AccessDenied"],
    ["${claims.t}/**", null, "/null/x", "AccessDenied"],
    ["${claims.t}/**", ["acme"], "/acme/x", "AccessDenied"],
    ["${claims.t}/**", { a: 1 }, "/x/x", "AccessDenied"],
    ["${claims.t}/**", "", "/x", "AccessDenied"],
    ["${claims.t}/**", "*", "/anything/x", "AccessDenied"],
    ["${claims.t}/**", "**", "/anything/x", "AccessDenied"],
    ["${claims.t}/**", "..", "/x", "AccessDenied"],
    ["${claims.t}/**", "a/../b", "/b/x", "AccessDenied"],
    ["${claims.t}/**", ".", "/x", "AccessDenied"],
    ["${claims.t}/**", "/acme", "/acme/x", "AccessDenied"],
    ["${claims.t}/**", "acme/", "/acme/x", "AccessDenied"],
    ["${claims.t}/**", "a//b", "/a/b/x", "AccessDenied"],
    ["${claims.t}/**", "${claims.t}", "/x/x", "AccessDenied"],
    ["${claims.t}/**", "a\\b", "/a/b/x", "AccessDenied"],
    ["${claims.t}/**", "a\u0000", "/a/x", "AccessDenied"],
    ["${claims.t}/**", "a\nb", "/a/x", "AccessDenied"],
    ["${claims.t}/**", "\ud800", "/x/x", "AccessDenied"],
    ["${claims.t}/**", "ACME", "/acme/x", "AccessDenied"],
    ["${claims.t}/${claims.u}/**", "acme", "/acme/x/y", "AccessDenied"],
  ])("%s with %j over GET %s: %s", (pattern, claim, path, outcome) => {
    const statement = { ...allow(pattern), principals: "idp" };
    expect(decide([statement], idp({ t: claim }), `GET ${path}`)).toBe(outcome);
  });

  it.each<readonly [claim: unknown, path: string, outcome: string]>([
    ["acme", "/acme/x", "AccessDenied"],
    ["acme", "/other/x", "allow"],
    ["..", "/other/x", "AccessDenied"],
    ["*", "/other/x", "AccessDenied"],
    [["acme"], "/other/x", "AccessDenied"],
    [undefined, "/other/x", "AccessDenied"],
  ])("that forbids, with %j, over GET %s: %s (what cannot be filled in forbids all)", (claim, path, outcome) => {
    expect(decide([allow("**"), deny("${claims.t}/**", { principals: "idp" })], idp({ t: claim }), `GET ${path}`)).toBe(
      outcome,
    );
  });
});

describe("C10, C11: a condition on claims", () => {
  it.each<readonly [wanted: Claims, has: Claims, outcome: string]>([
    [{ ref: "refs/heads/main" }, { ref: "refs/heads/main" }, "allow"],
    [{ ref: "refs/heads/main" }, { ref: "refs/heads/main2" }, "AccessDenied"],
    [{ ref: "refs/heads/main" }, { ref: "refs/heads/topic" }, "AccessDenied"],
    [{ ref: "refs/heads/main" }, {}, "AccessDenied"],
    [{ ref: "refs/heads/main" }, { REF: "refs/heads/main" }, "AccessDenied"],
    [{ ref: ["a", "b"] }, { ref: "b" }, "allow"],
    [{ ref: ["a", "b"] }, { ref: "c" }, "AccessDenied"],
    [{ ref: "refs/heads/*" }, { ref: "refs/heads/x" }, "allow"],
    [{ ref: "refs/heads/*" }, { ref: "refs/tags/x" }, "AccessDenied"],
    [{ id: 7 }, { id: 7 }, "allow"],
    [{ id: 7 }, { id: "7" }, "allow"],
    [{ id: 7 }, { id: 70 }, "AccessDenied"],
    [{ protected: true }, { protected: true }, "allow"],
    [{ protected: true }, { protected: "true" }, "allow"],
    [{ protected: true }, { protected: false }, "AccessDenied"],
    [{ a: "1", b: "2" }, { a: "1", b: "2" }, "allow"],
    [{ a: "1", b: "2" }, { a: "1" }, "AccessDenied"],
    [{ a: "1", b: "2" }, { a: "1", b: "3" }, "AccessDenied"],
    [{ roles: "admin" }, { roles: ["admin"] }, "AccessDenied"],
    [{ roles: "admin" }, { roles: { admin: true } }, "AccessDenied"],
    [{ roles: "admin" }, { roles: null }, "AccessDenied"],
    [{ environment: "production" }, { sub: "repo:octo/app:environment:production" }, "AccessDenied"],
    [{ repository_id: "1" }, { repository_id: "1", sub: "repo:o@1/r@2:ref:refs/heads/main" }, "allow"],
    [{ repository_id: "1" }, { repository_id: "1", sub: "repo:o/r:ref:refs/heads/main" }, "allow"],
    [{ repository_id: "1" }, { repository_id: "2", repository: "octo/app" }, "AccessDenied"],
    [{ toString: "x" }, {}, "AccessDenied"],
  ])("%j, for a token with %j: %s", (wanted, has, outcome) => {
    expect(decide([allow("**", { principals: "idp", claims: wanted })], idp(has), "GET /a")).toBe(outcome);
  });

  it.each<readonly [wanted: Claims, has: Claims, outcome: string]>([
    [{ event: "pull_request" }, { event: "pull_request" }, "AccessDenied"],
    [{ event: "pull_request" }, { event: "push" }, "allow"],
    [{ event: "pull_request" }, {}, "allow"],
    [{ event: "pull_request" }, { event: ["push"] }, "AccessDenied"],
    [{ event: "pull_request", fork: true }, { event: "pull_request", fork: false }, "allow"],
    [{ event: "pull_request", fork: true }, { event: "pull_request", fork: true }, "AccessDenied"],
  ])("%j of a deny, for a token with %j: %s", (wanted, has, outcome) => {
    expect(decide([allow("**"), deny("**", { claims: wanted })], idp(has), "GET /a")).toBe(outcome);
  });
});

describe("C15, B17: an action", () => {
  const REQUESTS: readonly (readonly [request: string, action: string])[] = [
    ["GET /k/a", "read"],
    ["HEAD /k/a", "read"],
    ["GET /k/a?versionId=1", "read"],
    ["PUT /k/a", "write"],
    ["POST /k/a?uploads", "write"],
    ["PUT /k/a?partNumber=1&uploadId=u", "write"],
    ["GET /k/a?uploadId=u", "write"],
    ["POST /k/a?uploadId=u", "write"],
    ["DELETE /k/a?uploadId=u", "write"],
    ["DELETE /k/a", "delete"],
    ["GET /k/?list-type=2", "list"],
  ];
  const CASES = REQUESTS.flatMap(([request, action]) =>
    ALL.map((granted) => [granted, request, granted === action ? "allow" : "AccessDenied"] as const),
  );

  it.each(CASES)("%s alone, for %s: %s", (granted, request, outcome) => {
    expect(decide([allow("k/**", { actions: [granted] })], CI, request)).toBe(outcome);
  });

  it.each(REQUESTS)("forbidden beside all that is allowed, for %s (%s), forbids", (request, action) => {
    expect(decide([allow("**", { actions: ALL }), deny("k/**", { actions: [action] })], CI, request)).toBe(
      "AccessDenied",
    );
  });

  it.each([
    ["PUT /other/a?partNumber=1&uploadId=u", "AccessDenied"],
    ["POST /other/a?uploadId=u", "AccessDenied"],
    ["DELETE /other/a?uploadId=u", "AccessDenied"],
    ["PUT /k/a?partNumber=0&uploadId=u", "InvalidRequest"],
    ["PUT /k/a?partNumber=10001&uploadId=u", "InvalidRequest"],
    ["PUT /k/a?partNumber=5abc&uploadId=u", "InvalidRequest"],
  ])("on an upload that is none of ours, %s: %s", (request, outcome) => {
    expect(decide([allow("k/**")], CI, request)).toBe(outcome);
  });
});

describe("a principal", () => {
  it.each<readonly [principals: string | readonly string[], who: Principal, outcome: string]>([
    ["ci", CI, "allow"],
    ["ci", OPS, "AccessDenied"],
    ["ci", ANONYMOUS, "AccessDenied"],
    ["anonymous", ANONYMOUS, "allow"],
    ["anonymous", CI, "AccessDenied"],
    ["*", ANONYMOUS, "allow"],
    ["*", CI, "allow"],
    ["*", idp({}), "allow"],
    ["idp", idp({}), "allow"],
    ["idp", CI, "AccessDenied"],
    [["ci", "idp"], CI, "allow"],
    [["ci", "idp"], idp({}), "allow"],
    [["ci", "idp"], OPS, "AccessDenied"],
  ])("%j, for $1.name: %s", (principals, who, outcome) => {
    expect(decide([allow("**", { principals })], who, "GET /a")).toBe(outcome);
  });

  it.each<readonly [seconds: number, outcome: string]>([
    [60, "allow"],
    [0, "allow"],
    [-59, "allow"],
    [-60, "Unauthenticated"],
    [-61, "Unauthenticated"],
  ])("whose credentials run out in %i seconds, of clocks that may differ by 60: %s", (seconds, outcome) => {
    const principal = { ...CI, expiresAt: new Date(NOW.getTime() + seconds * 1000) };
    expect(decide([allow("**")], principal, "GET /a")).toBe(outcome);
  });
});

describe("deny", () => {
  it.each<readonly [statements: readonly Statement[], request: string, outcome: string]>([
    [[deny("a")], "GET /b", "AccessDenied"],
    [[allow("**"), deny("a")], "GET /a", "AccessDenied"],
    [[deny("a"), allow("**")], "GET /a", "AccessDenied"],
    [[deny("a"), allow("a")], "GET /a", "AccessDenied"],
    [[allow("**"), deny("a")], "GET /b", "allow"],
    [[allow("**"), deny("a/**")], "GET /a/b", "AccessDenied"],
    [[allow("**"), deny("a/**")], "GET /a", "allow"],
    [[allow("**"), deny("**/secret/**")], "GET /x/secret/y", "AccessDenied"],
    [[allow("**"), deny("**", { principals: "ops" })], "GET /a", "allow"],
    [[allow("**"), deny("**", { actions: ["write"] })], "GET /a", "allow"],
    [[allow("**"), deny("**", { actions: ["write"] })], "PUT /a", "AccessDenied"],
    [[allow("a"), allow("b"), deny("b")], "GET /b", "AccessDenied"],
  ])("wins, whatever the order (%j), for %s: %s", (statements, request, outcome) => {
    expect(decide(statements, CI, request)).toBe(outcome);
  });
});

describe("a listing", () => {
  const list = { actions: ["list"] };

  it.each<readonly [statements: readonly Statement[], path: string, outcome: string]>([
    [[allow("builds/**", list)], "/builds/", "allow"],
    [[allow("builds/**", list)], "/builds/x", "allow"],
    [[allow("builds/**", list)], "/builds/x/y/", "allow"],
    [[allow("builds/**", list)], "/builds", "AccessDenied"],
    [[allow("builds/**", list)], "/buildsx/", "AccessDenied"],
    [[allow("builds/**", list)], "/", "AccessDenied"],
    [[allow("builds/**", list)], "/b", "AccessDenied"],
    [[allow("**", list)], "/", "allow"],
    [[allow("**", list)], "/anything", "allow"],
    [[allow("a/*/**", list)], "/a/b/", "allow"],
    [[allow("a/*/**", list)], "/a/", "AccessDenied"],
    [[allow("**", list), deny("secret/**", list)], "/", "AccessDenied"],
    [[allow("**", list), deny("secret/**", list)], "/se", "AccessDenied"],
    [[allow("**", list), deny("secret/**", list)], "/secret/a", "AccessDenied"],
    [[allow("**", list), deny("secret/**", list)], "/other/", "allow"],
    [[allow("**", list), deny("**/x/**", list)], "/other/", "AccessDenied"],
    [[allow("a/**", list), allow("b/**", list)], "/", "AccessDenied"],
    [[allow("a/**", list), allow("b/**", list)], "/b/", "allow"],
    [[allow("**", list), deny("secret/**", list)], "/secretary", "allow"],
    [[allow("**", list), deny("secret", list)], "/secret/", "allow"],
    [[allow("**", list), deny("secret", list)], "/secret", "AccessDenied"],
    [[allow("**", list), deny("*.key", list)], "/a", "AccessDenied"],
    [[allow("**", list), deny("x*.key", list)], "/a", "allow"],
    [[allow("**", list), deny("**", { actions: ["read"] })], "/a", "allow"],
    [[allow("a/*", { actions: ["read"] }), allow("a/**", list)], "/a/", "allow"],
  ])("of what %j lets be listed, GET %s: %s", (statements, path, outcome) => {
    expect(decide(statements, CI, `GET ${path}?list-type=2`)).toBe(outcome);
  });

  it.each([
    ["/acme/", "allow"],
    ["/acme/x", "allow"],
    ["/acm", "AccessDenied"],
    ["/acme-b/", "AccessDenied"],
    ["/", "AccessDenied"],
  ])("below a claim, GET %s: %s", (path, outcome) => {
    const statement = allow("${claims.t}/**", { ...list, principals: "idp" });
    expect(decide([statement], idp({ t: "acme" }), `GET ${path}?list-type=2`)).toBe(outcome);
  });
});

const CRC = { "x-amz-checksum-crc32": "AAAAAA==" };

describe("a limit", () => {
  it.each<readonly [limits: Statement, request: string, headers: Readonly<Record<string, string>>, outcome: string]>([
    [{ maxBytes: 100 }, "PUT /a", { "content-length": "100" }, "allow"],
    [{ maxBytes: 100 }, "PUT /a", { "content-length": "101" }, "EntityTooLarge"],
    [{ maxBytes: 100 }, "PUT /a", { "content-length": "0" }, "allow"],
    [{ maxBytes: 100 }, "PUT /a", {}, "LengthRequired"],
    [{ maxBytes: 100 }, "PUT /a", { "s3r-content-length": "100" }, "allow"],
    [{ maxBytes: 100 }, "PUT /a", { "s3r-content-length": "101" }, "EntityTooLarge"],
    [{ maxBytes: 100 }, "PUT /a", { "content-length": "1e1" }, "InvalidHeader"],
    [{ maxBytes: 100 }, "PUT /a", { "content-length": "-1" }, "InvalidHeader"],
    [{ maxBytes: "1KiB" }, "PUT /a", { "content-length": "1024" }, "allow"],
    [{ maxBytes: "1KiB" }, "PUT /a", { "content-length": "1025" }, "EntityTooLarge"],
    [{ maxBytes: 100 }, "GET /a", {}, "allow"],
    [{ maxBytes: 100 }, "DELETE /a", {}, "allow"],
    [{ maxBytes: 100 }, "POST /a?uploads", {}, "allow"],
    [{ maxBytes: 100 }, "PUT /a?partNumber=1&uploadId=u", { "content-length": "100" }, "allow"],
    [{ maxBytes: 100 }, "PUT /a?partNumber=1&uploadId=u", { "content-length": "101" }, "EntityTooLarge"],
    [{ maxBytes: 100 }, "PUT /a?partNumber=1&uploadId=u", {}, "LengthRequired"],
    [{ maxBytes: 100 }, "POST /a?uploadId=u", { "x-amz-mp-object-size": "100" }, "allow"],
    [{ maxBytes: 100 }, "POST /a?uploadId=u", { "x-amz-mp-object-size": "101" }, "EntityTooLarge"],
    [{ maxBytes: 100 }, "POST /a?uploadId=u", {}, "LengthRequired"],
    [{ overwrite: false }, "PUT /a", { "if-none-match": "*" }, "allow"],
    [{ overwrite: false }, "PUT /a", {}, "PreconditionRequired"],
    [{ overwrite: false }, "PUT /a", { "if-none-match": '"etag"' }, "InvalidHeader"],
    [{ overwrite: false }, "PUT /a", { "if-match": '"etag"' }, "PreconditionRequired"],
    [{ overwrite: false }, "POST /a?uploads", {}, "allow"],
    [{ overwrite: false }, "PUT /a?partNumber=1&uploadId=u", { "content-length": "1" }, "allow"],
    [{ overwrite: false }, "POST /a?uploadId=u", {}, "PreconditionRequired"],
    [{ overwrite: false }, "POST /a?uploadId=u", { "if-none-match": "*" }, "allow"],
    [{ requireChecksum: true }, "PUT /a", CRC, "allow"],
    [{ requireChecksum: true }, "PUT /a", {}, "PreconditionRequired"],
    [{ requireChecksum: true }, "PUT /a", { "x-amz-checksum-crc32": "" }, "PreconditionRequired"],
    [{ requireChecksum: true }, "PUT /a", { "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" }, "PreconditionRequired"],
    [{ requireChecksum: true }, "POST /a?uploads", {}, "PreconditionRequired"],
    [{ requireChecksum: true }, "POST /a?uploads", { "x-amz-checksum-algorithm": "CRC32" }, "allow"],
    [{ requireChecksum: true }, "PUT /a?partNumber=1&uploadId=u", {}, "PreconditionRequired"],
    [{ requireChecksum: true }, "PUT /a?partNumber=1&uploadId=u", CRC, "allow"],
    [{ contentTypes: ["image/png"] }, "PUT /a", { "content-type": "image/png" }, "allow"],
    [{ contentTypes: ["image/png"] }, "PUT /a", { "content-type": "IMAGE/PNG" }, "allow"],
    [{ contentTypes: ["image/png"] }, "PUT /a", { "content-type": "image/png; charset=x" }, "allow"],
    [{ contentTypes: ["image/png"] }, "PUT /a", { "content-type": "image/gif" }, "UnsupportedMediaType"],
    [{ contentTypes: ["image/png"] }, "PUT /a", { "content-type": "image/png,text/html" }, "UnsupportedMediaType"],
    [{ contentTypes: ["image/png"] }, "PUT /a", {}, "UnsupportedMediaType"],
    [{ contentTypes: ["image/*"] }, "PUT /a", { "content-type": "image/gif" }, "allow"],
    [{ contentTypes: ["image/*"] }, "PUT /a", { "content-type": "imagex/gif" }, "UnsupportedMediaType"],
    [{ contentTypes: ["image/png"] }, "POST /a?uploads", { "content-type": "text/html" }, "UnsupportedMediaType"],
    [{ contentTypes: ["image/png"] }, "POST /a?uploadId=u", {}, "allow"],
    [{ contentTypes: ["Image/PNG"] }, "PUT /a", { "content-type": "image/png" }, "allow"],
    [{ maxBytes: 1, contentTypes: ["image/png"] }, "PUT /a", { "content-length": "2" }, "UnsupportedMediaType"],
    [{ maxBytes: 1, requireChecksum: true }, "GET /a?uploadId=u", {}, "allow"],
    [{ maxBytes: 1, requireChecksum: true }, "DELETE /a?uploadId=u", {}, "allow"],
    [{ maxBytes: 100, overwrite: false }, "PUT /a", { "content-length": "1" }, "PreconditionRequired"],
    [{ maxBytes: 100, overwrite: false }, "PUT /a", { "content-length": "1", "if-none-match": "*" }, "allow"],
  ])("%j, for %s with %j: %s", (limits, request, headers, outcome) => {
    expect(decide([allow("**", { limits })], CI, request, headers)).toBe(outcome);
  });

  const SMALL = allow("**", { id: "small", limits: { maxBytes: 10 } });
  const LARGE = allow("**", { id: "large", limits: { maxBytes: 100, contentTypes: ["image/png"] } });

  it.each<
    readonly [
      statements: readonly Statement[],
      request: string,
      headers: Readonly<Record<string, string>>,
      outcome: string,
    ]
  >([
    [[SMALL, LARGE], "PUT /a", { "content-length": "5" }, "allow"],
    [[SMALL, LARGE], "PUT /a", { "content-length": "50", "content-type": "image/png" }, "allow"],
    [[SMALL, LARGE], "PUT /a", { "content-length": "50" }, "EntityTooLarge"],
    [[LARGE, SMALL], "PUT /a", { "content-length": "50" }, "UnsupportedMediaType"],
    [[SMALL, LARGE], "PUT /a?partNumber=1&uploadId=u", { "content-length": "50" }, "EntityTooLarge"],
    [[LARGE, SMALL], "PUT /a?partNumber=1&uploadId=u", { "content-length": "50" }, "allow"],
    [[SMALL, LARGE], "POST /a?uploadId=u", { "x-amz-mp-object-size": "50" }, "EntityTooLarge"],
    [[LARGE, SMALL], "POST /a?uploads", { "content-type": "text/html" }, "UnsupportedMediaType"],
  ])("of several statements (%j), for %s with %j: %s", (statements, request, headers, outcome) => {
    expect(decide(statements, CI, request, headers)).toBe(outcome);
  });
});

describe("a decision", () => {
  const SHORT = allow("**", { id: "short", limits: { maxBytes: 10, expiresIn: 60 } });
  const LONG = allow("**", { id: "long", limits: { maxBytes: 100, expiresIn: 600 } });
  const NEVER = deny("secret/**", { id: "never" });

  it.each<readonly [statements: readonly Statement[], length: string, decided: Partial<Decision>]>([
    [[SHORT, LONG], "10", { effect: "allow", statement: "short", expiresIn: 60 }],
    [[SHORT, LONG], "11", { effect: "allow", statement: "long", expiresIn: 600 }],
    [[LONG, SHORT], "10", { effect: "allow", statement: "long", expiresIn: 600 }],
    [[SHORT, LONG], "101", { effect: "deny", statement: "short", code: "EntityTooLarge" }],
    [[SHORT, LONG, NEVER], "10", { effect: "deny", statement: "never", code: "AccessDenied" }],
    [[deny("other"), allow("**")], "10", { effect: "allow", statement: "statements[1]" }],
  ])("of %j on %s bytes says which statement made it: %j", (statements, length, decided) => {
    expect(decisionOf(statements, CI, "PUT /secret/a", { "content-length": length })).toMatchObject(decided);
  });

  it("that no statement made names none", () => {
    expect(decisionOf([allow("b")], CI, "GET /a")).not.toHaveProperty("statement");
  });

  it("lets a URL live as long as the API has it where the statement says nothing", () => {
    expect(decisionOf([allow("**")], CI, "GET /a")).not.toHaveProperty("expiresIn");
  });

  it.each<readonly [limits: Statement, request: string, signed: Readonly<Record<string, string>>]>([
    [{ maxBytes: 10 }, "PUT /a", { "content-length": "0" }],
    [{ maxBytes: 10 }, "PUT /a?partNumber=1&uploadId=u", { "content-length": "0" }],
    [{}, "PUT /a", {}],
    [{ overwrite: false }, "POST /a?uploads", {}],
  ])("by %j has an empty body signed where its size matters: %s with %j", (limits, request, signed) => {
    const decision = decisionOf([allow("**", { limits })], CI, request, { "content-length": "0" });
    expect(decision).toMatchObject({ effect: "allow", headers: signed });
    expect("headers" in decision && Object.keys(decision.headers)).toEqual(Object.keys(signed));
  });

  it("has all signed that was announced and that a limit asks for", () => {
    const headers = { "content-length": "5", "content-type": "image/png", "if-none-match": "*", ...CRC };
    const limits = { maxBytes: 10, overwrite: false, requireChecksum: true, contentTypes: ["image/*"] };
    expect(decisionOf([allow("**", { limits })], CI, "PUT /a", headers)).toMatchObject({ effect: "allow", headers });
  });
});
