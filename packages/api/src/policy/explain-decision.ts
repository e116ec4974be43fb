/** Why a decision came out as it did: what each statement has to say about the request. For people who write policies. */
import { OPERATIONS } from "@s3r/shared";
import { authorize, isAbout, matchesTarget, meetsClaims, type AccessRequest, type Decision } from "./authorize.ts";
import { checkLimits } from "./check-limits.ts";
import type { Policy, Statement } from "./policy.ts";

export interface StatementExplanation {
  readonly id: string;
  readonly effect: "allow" | "deny";
  /** Whether it is about this request at all. */
  readonly applies: boolean;
  readonly because: string;
}

export interface Explanation {
  readonly decision: Decision;
  readonly statements: readonly StatementExplanation[];
}

function listed(values: Iterable<string>): string {
  return [...values].map((value) => `\`${value}\``).join(", ");
}

function explainClaims({ claims }: Statement, { principal }: AccessRequest): string {
  const wanted = claims.map(({ name, values }) => {
    const has = Object.hasOwn(principal.claims, name) ? JSON.stringify(principal.claims[name]) : "absent";
    return `${name} must be ${listed(values.map(({ source }) => source))}, and is ${has}`;
  });
  return `not all claims are met: ${wanted.join("; ")}`;
}

/** What keeps a statement from being about the request: the first of the four things that it asks for. */
function whyNot(statement: Statement, request: AccessRequest): string | undefined {
  const { principal, operation } = request;
  const { action, target } = OPERATIONS[operation.name];
  if (!isAbout(statement, principal)) return `it is about ${listed(statement.principals)}, not \`${principal.name}\``;
  if (!statement.actions.has(action))
    return `it is about ${listed(statement.actions)}, and ${operation.name} is \`${action}\``;
  if (!meetsClaims(statement, principal)) return explainClaims(statement, request);
  if (statement.keys.some((pattern) => matchesTarget(statement, pattern, request))) return undefined;
  const patterns = listed(statement.keys.map(({ source }) => source));
  return target === "object"
    ? `${patterns} does not match the key`
    : `${patterns} does not hold all that begins with this prefix`;
}

function explainStatement(statement: Statement, request: AccessRequest): StatementExplanation {
  const { id, effect, limits } = statement;
  const reason = whyNot(statement, request);
  if (reason !== undefined) return { id, effect, applies: false, because: reason };
  if (effect === "deny") return { id, effect, applies: true, because: "it denies, and that wins" };
  const refusal = checkLimits(limits, request.operation.name, request.announced);
  return { id, effect, applies: true, because: refusal === undefined ? "it allows this" : refusal.reason };
}

export function explainDecision(policy: Policy, request: AccessRequest): Explanation {
  return {
    decision: authorize(policy, request),
    statements: policy.statements.map((statement) => explainStatement(statement, request)),
  };
}
