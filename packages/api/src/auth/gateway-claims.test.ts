import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gatewayClaims } from "./gateway-claims.ts";

const claims = { sub: "u-1", exp: "1795435798", "cognito:groups": "[admin dev]" };
const flat = { principalId: "u-1", tenant: "a", integrationLatency: 21 };

describe("gatewayClaims", () => {
  it.each([
    ["an HTTP API's JWT authorizer", { jwt: { claims, scopes: ["read"] } }],
    ["an HTTP API's JWT authorizer with payload 1.0", { claims, scopes: null }],
    ["a REST API's Cognito authorizer", { claims }],
  ])("takes the claims of %s, when those are trusted", (_name, authorizer) => {
    expect(gatewayClaims({ authorizer }, "jwt")).toEqual(claims);
    expect(gatewayClaims({ authorizer }, "lambda")).toBeUndefined();
  });

  it.each([
    ["an HTTP API's Lambda authorizer", { lambda: { tenant: "a" } }, { tenant: "a" }],
    ["a REST API's Lambda authorizer", flat, { principalId: "u-1", tenant: "a" }],
  ])("takes the context of %s, when those are trusted", (_name, authorizer, expected) => {
    expect(gatewayClaims({ authorizer }, "lambda")).toEqual(expected);
    expect(gatewayClaims({ authorizer }, "jwt")).toBeUndefined();
  });

  it.each([
    ["no authorizer", {}],
    ["an open route with payload 1.0", { authorizer: { claims: null, scopes: null } }],
    ["an open route of a REST API", { authorizer: {} }],
    ["an authorizer that says nothing", { authorizer: null }],
    ["a Lambda authorizer without context", { authorizer: { lambda: null } }],
    ["a Lambda authorizer that names nobody", { authorizer: { principalId: null, tenant: "a" } }],
    ["IAM", { authorizer: { iam: { accessKey: "AKIDEXAMPLE", userId: "u-1" } } }],
    ["claims as text", { authorizer: { claims: '{"sub":"u-1"}', jwt: { claims: "{}" }, lambda: "a" } }],
    ["claims as a list", { authorizer: { claims: [claims], jwt: [{ claims }], lambda: [claims] } }],
    ["claims of the prototype", { authorizer: Object.create({ claims, lambda: claims, principalId: "u-1" }) }],
    [
      "headers that look like it",
      { headers: { authorization: "Bearer x", "x-amzn-oidc-data": "x" }, claims, jwt: { claims } },
    ],
    ["no request context", undefined],
  ])("finds nobody in %s", (_name, requestContext) => {
    expect(gatewayClaims(requestContext, "jwt")).toBeUndefined();
    expect(gatewayClaims(requestContext, "lambda")).toBeUndefined();
  });

  it("gives an object out of `authorizer`, or nothing, for any event", () => {
    const authorizer = fc.oneof(
      fc.record(
        { jwt: fc.anything(), claims: fc.anything(), lambda: fc.anything(), principalId: fc.anything() },
        { requiredKeys: [] },
      ),
      fc.anything(),
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.record({ authorizer }), fc.anything()),
        fc.constantFrom("jwt", "lambda"),
        (context, trusted) => {
          const found = gatewayClaims(context, trusted);
          expect(found === undefined || (typeof found === "object" && !Array.isArray(found))).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
