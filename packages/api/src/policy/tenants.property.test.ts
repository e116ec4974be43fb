/** One prefix for each tenant, of any name, against any target: nothing of what decides is known here but a prefix. */
import { parseRoute, ProtocolError, type Operation } from "@s3r/shared";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authorize } from "./authorize.ts";
import { parsePolicy } from "./parse-policy.ts";
import type { Policy } from "./policy.ts";

const NOW = new Date("2026-11-23T06:00:00Z");

function policyOf(keys: string): Policy {
  const statement = { principals: "accounts", actions: ["read", "write", "delete", "list"], keys };
  const issuers = [{ name: "accounts", issuer: "https://accounts.example.com", audience: "x" }];
  const parsed = parsePolicy(JSON.stringify({ version: 1, issuers, statements: [statement] }), "policy.json");
  if (!parsed.ok) throw new Error(parsed.complaints.join("\n"));
  return parsed.policy;
}

/** Where a tenant's keys are, and the policy that says so. */
const PLACES = [
  { policy: policyOf("${claims.tenant}/**"), prefixOf: (tenant: string) => `${tenant}/` },
  { policy: policyOf("tenants/${claims.tenant}/**"), prefixOf: (tenant: string) => `tenants/${tenant}/` },
  { policy: policyOf("t-${claims.tenant}.d/**"), prefixOf: (tenant: string) => `t-${tenant}.d/` },
];

/** Nothing where the request is refused before a policy is asked. */
function route(method: string, target: string): Operation | undefined {
  try {
    return parseRoute(method, target);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function isAllowed(policy: Policy, tenant: string, operation: Operation): boolean {
  const principal = { name: "accounts", kind: "issuer", claims: { tenant } } as const;
  return authorize(policy, { principal, operation, announced: { headers: {} }, now: NOW }).effect === "allow";
}

/** What separates, escapes or means something to anyone on the way. */
const SYMBOLS = [
  "/",
  "/",
  "..",
  ".",
  "*",
  "**",
  "\\",
  "${",
  "}",
  "%",
  "%2f",
  "%2e",
  "?",
  "#",
  "-",
  " ",
  "\0",
  "\n",
  "é",
];
const text = fc.array(
  fc.oneof(fc.constantFrom("a", "b", "acme", ...SYMBOLS), fc.string({ unit: "binary", maxLength: 2 })),
  {
    minLength: 1,
    maxLength: 4,
  },
);
const plain = fc.stringMatching(/^[a-z0-9_-]{1,8}$/u);
const arbitraryTenant = fc.oneof(
  plain,
  text.map((parts) => parts.join("")),
);

/** As it is, as it should be, escaped twice, or with everything escaped. */
const ENCODINGS: readonly ((part: string) => string)[] = [
  (part) => part,
  (part) => encodeURIComponent(part.toWellFormed()).replaceAll("%2F", "/"),
  (part) => encodeURIComponent(part.toWellFormed()),
  (part) => encodeURIComponent(encodeURIComponent(part.toWellFormed())),
  (part) => [...Buffer.from(part)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
];
const encoding = fc.constantFrom(...ENCODINGS);
const byte = fc.nat(255).map((value) => `%${value.toString(16).padStart(2, "0")}`);
const rest = fc.oneof(
  plain,
  text.map((parts) => parts.join("")),
  fc.array(byte, { maxLength: 4 }).map((all) => all.join("")),
);
const request = fc.constantFrom(
  "GET ",
  "HEAD ",
  "PUT ",
  "DELETE ",
  "POST ?uploads",
  "GET ?list-type=2",
  "GET ?list-type=2",
);

function isPlain(tenant: string): boolean {
  return /^[a-z0-9_-]+$/u.test(tenant);
}

describe("a tenant", () => {
  it("gets its own keys and no other, whatever its name and the request's target hold", () => {
    const outcomes = { allowed: 0, refused: 0, foreign: 0 };
    fc.assert(
      fc.property(
        fc.record({
          place: fc.constantFrom(...PLACES),
          own: arbitraryTenant,
          other: arbitraryTenant,
          encoding,
          rest,
          request,
        }),
        ({ place: { policy, prefixOf }, own, other, encoding: encode, rest: name, request: asked }) => {
          const [method = "", query = ""] = asked.split(" ");
          const operation = route(method, `/${encode(prefixOf(own))}${name}${query}`);
          if (operation === undefined) return;
          for (const tenant of [own, other]) {
            const isOwn = operation.key.startsWith(prefixOf(tenant));
            const mayHave = isAllowed(policy, tenant, operation);
            expect(mayHave && !isOwn, `${tenant} has ${operation.key}`).toBe(false);
            expect(isOwn && isPlain(tenant) && !mayHave, `${tenant} has not ${operation.key}`).toBe(false);
            if (!isOwn) outcomes.foreign += 1;
            outcomes[mayHave ? "allowed" : "refused"] += 1;
          }
        },
      ),
      { numRuns: 16_000 },
    );
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(500);
  });
});
