/** Decisions against the oracle, for random policies, callers and raw request targets: neither knows of the other. */
import { parseRoute, ProtocolError, type Operation } from "@s3r/shared";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Principal } from "../auth/principal.ts";
import { authorize } from "./authorize.ts";
import { compileStatement } from "./compile-statement.ts";
import { parsePolicy } from "./parse-policy.ts";
import type { PolicyDocument } from "./policy-document.ts";
import {
  arbitraryListing,
  arbitraryObjectRequest,
  arbitraryPolicy,
  arbitraryPrincipal,
  type RawRequest,
} from "./testing/arbitrary-access.ts";
import { allowsKey, allowsListing } from "./testing/oracle.ts";

const NOW = new Date("2026-11-23T06:00:00Z");
const AUTH = { tokens: [], issuers: [] };

/** Nothing where the request is refused before a policy is asked. */
function route(method: string, target: string): Operation | undefined {
  try {
    return parseRoute(method, target);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

const OUTCOMES = ["unroutable", "allowed", "forbidden", "unmentioned"] as const;
type Outcome = (typeof OUTCOMES)[number];

/** Without the checks of a whole policy, which take longer than the decision; the last property here makes them. */
function decide({ statements }: PolicyDocument, principal: Principal, operation: Operation): Outcome {
  const policy = { auth: AUTH, statements: statements.map(compileStatement) };
  const decision = authorize(policy, { principal, operation, announced: { headers: {} }, now: NOW });
  if (decision.effect === "allow") return "allowed";
  return decision.statement === undefined ? "unmentioned" : "forbidden";
}

/** What a URL parser makes of the target: it resolves dot segments, escaped ones too, and backslashes. */
function resolve(target: string): string {
  return decodeURIComponent(new URL(`http://localhost${target}`).pathname.slice(1));
}

/** A property that is only ever tried on one outcome says nothing about the others. */
function expectEachOften(outcomes: readonly Outcome[]): void {
  for (const outcome of OUTCOMES) {
    const share = outcomes.filter((each) => each === outcome).length / outcomes.length;
    expect(share, `share of ${outcome}`).toBeGreaterThan(0.05);
  }
}

/** Asks both about random requests. What is allowed must also be the key that whoever reads the target as a URL sees. */
function compare(requests: fc.Arbitrary<RawRequest>, isAllowed: typeof allowsKey, numRuns: number): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  const agrees = fc.property(arbitraryPolicy, arbitraryPrincipal, requests, (document, principal, request) => {
    const { method, target, action } = request;
    const operation = route(method, target);
    const outcome = operation === undefined ? "unroutable" : decide(document, principal, operation);
    outcomes.push(outcome);
    if (operation === undefined) return true;
    const expected = isAllowed({ statements: document.statements, action, ...principal }, operation.key);
    return expected === (outcome === "allowed") && (!expected || resolve(target) === operation.key);
  });
  fc.assert(agrees, { numRuns });
  return outcomes;
}

describe("authorize", () => {
  it("allows on an object what the policy's text allows, and nothing else, however the key is written", () => {
    expectEachOften(compare(arbitraryObjectRequest, allowsKey, 74_000));
  });

  it("allows a listing where one pattern holds all that it shows and no deny any of it, and no other", () => {
    expectEachOften(compare(arbitraryListing, allowsListing, 10_500));
  });
});

describe("parsePolicy", () => {
  it("reads such a policy from its text as the statements that are decided on here", () => {
    fc.assert(
      fc.property(arbitraryPolicy, (document) => {
        const parsed = parsePolicy(JSON.stringify(document), "policy.json");
        expect(parsed).toMatchObject({ ok: true, policy: { statements: document.statements.map(compileStatement) } });
      }),
      { numRuns: 300 },
    );
  });
});
