/** What a policy says about one principal, as `GET /.s3r/whoami` tells it. */
import type { WhoAmI, WhoAmIStatement } from "@s3r/shared";
import type { Principal } from "../auth/principal.ts";
import { isAbout, meetsClaims } from "./authorize.ts";
import { claimText, fillClaims, type KeyPattern } from "./key-pattern.ts";
import type { Policy, Statement } from "./policy.ts";

function textClaims({ claims }: Principal): Record<string, string> {
  const texts = Object.keys(claims).map((name) => [name, claimText(claims, name)] as const);
  return Object.fromEntries(texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])));
}

/** A pattern that cannot be filled in opens nothing; in a prohibition it stands as it is written. */
function describeKeys(
  { effect }: Statement,
  patterns: readonly KeyPattern[],
  { claims }: Principal,
): readonly string[] {
  return patterns.flatMap(
    (pattern) => fillClaims(pattern, claims)?.source ?? (effect === "deny" ? [pattern.source] : []),
  );
}

function describeStatement(statement: Statement, principal: Principal): WhoAmIStatement {
  const { id, effect, actions, keys, limits } = statement;
  return { id, effect, actions: [...actions], keys: describeKeys(statement, keys, principal), limits: { ...limits } };
}

export function describeAccess({ statements }: Policy, principal: Principal): WhoAmI {
  const { name, kind, expiresAt } = principal;
  return {
    principal: {
      name,
      kind,
      claims: textClaims(principal),
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
    },
    statements: statements
      .filter((statement) => isAbout(statement, principal) && meetsClaims(statement, principal))
      .map((statement) => describeStatement(statement, principal)),
  };
}
