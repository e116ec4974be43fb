/** `s3r-api policy test`: what would the API decide, and why? Nothing is signed and nobody is asked. */
import { ERROR_STATUS, parseRoute, ProtocolError } from "@s3r/shared";
import { announce } from "../announce.ts";
import { ANONYMOUS, ANONYMOUS_NAME, type Principal } from "../auth/principal.ts";
import type { AccessRequest, Decision } from "../policy/authorize.ts";
import { explainDecision, type Explanation } from "../policy/explain-decision.ts";
import type { Policy } from "../policy/policy.ts";
import { AdminError } from "./admin-error.ts";
import type { AdminWorld } from "./admin-world.ts";
import { readPolicy } from "./read-policy.ts";

export interface PolicyTestOptions {
  readonly file: string;
  readonly method: string;
  /** The request target, as a client would send it: a path with its query. */
  readonly target: string;
  /** The principal's name. */
  readonly as: string;
  /** Each `name=value`. */
  readonly claims: readonly string[];
  /** Each `Name: value`. */
  readonly headers: readonly string[];
  /** Of the body that would be sent. */
  readonly length: string | undefined;
  readonly json: boolean;
}

/** The exit codes are those of `s3r`, so that a policy can be tested by a script. */
const EXIT_ALLOWED = 0;
const EXIT_DENIED = 5;

function toPrincipal({ auth }: Policy, name: string, claims: Principal["claims"]): Principal {
  if (name === ANONYMOUS_NAME) return ANONYMOUS;
  if (auth.tokens.some((token) => token.name === name)) return { name, kind: "token", claims: {} };
  if (auth.issuers.some((issuer) => issuer.name === name)) return { name, kind: "issuer", claims };
  if (auth.gateway?.name === name) return { name, kind: "gateway", claims };
  throw new AdminError(`the policy knows no principal \`${name}\` (--as)`);
}

function parseClaims(claims: readonly string[]): Principal["claims"] {
  return Object.fromEntries(
    claims.map((claim) => {
      const at = claim.indexOf("=");
      if (at < 1) throw new AdminError(`\`${claim}\` is no claim: write --claim name=value`);
      return [claim.slice(0, at), claim.slice(at + 1)];
    }),
  );
}

function parseHeaders(headers: readonly string[], length: string | undefined): Headers {
  const parsed = new Headers();
  for (const header of headers) {
    const at = header.indexOf(":");
    if (at < 1) throw new AdminError(`\`${header}\` is no header: write --header "Name: value"`);
    try {
      parsed.append(header.slice(0, at), header.slice(at + 1).trim());
    } catch (cause) {
      throw new AdminError(`\`${header}\` is no header that can be sent`, { cause });
    }
  }
  if (length !== undefined) parsed.set("content-length", length);
  return parsed;
}

function toRequest(policy: Policy, options: PolicyTestOptions, now: Date): AccessRequest {
  const principal = toPrincipal(policy, options.as, parseClaims(options.claims));
  try {
    const operation = parseRoute(options.method, options.target);
    return { principal, operation, announced: announce(operation, parseHeaders(options.headers, options.length)), now };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new AdminError(
      `the API would refuse this before it looks at the policy: ${error.status} ${error.code}, ${error.message}`,
      {
        cause: error,
      },
    );
  }
}

function summarise(decision: Decision): string {
  if (decision.effect === "allow") {
    const signed = ["host", ...Object.keys(decision.headers)].join(", ");
    return `allow, by ${decision.statement}; signed: ${signed}`;
  }
  const by = decision.statement === undefined ? "no statement allows it" : `by ${decision.statement}`;
  return `deny, ${by}: ${ERROR_STATUS[decision.code]} ${decision.code}, ${decision.reason}`;
}

function format({ operation }: AccessRequest, { decision, statements }: Explanation): string {
  const lines = statements.map(
    ({ id, effect, applies, because }) => `  ${applies ? "●" : "○"} ${effect} ${id}: ${because}`,
  );
  return `${operation.name} ${operation.key}\n${summarise(decision)}\n${lines.join("\n")}\n`;
}

/**
 * @returns the exit code.
 * @throws AdminError for a policy or a request that cannot be used.
 */
export async function policyTest(options: PolicyTestOptions, world: AdminWorld): Promise<number> {
  const policy = await readPolicy(options.file, world);
  const request = toRequest(policy, options, world.now());
  const explanation = explainDecision(policy, request);
  world.stdout(options.json ? `${JSON.stringify(explanation)}\n` : format(request, explanation));
  return explanation.decision.effect === "allow" ? EXIT_ALLOWED : EXIT_DENIED;
}
