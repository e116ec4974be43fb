/**
 * May this principal do that? A pure function of the policy and the request: default deny, deny wins,
 * and of several statements that allow, the first whose limits the request keeps decides (of an upload
 * in parts, the first).
 */
import { OPERATIONS, type Operation, type OperationName } from "@s3r/shared";
import type { Principal } from "../auth/principal.ts";
import { checkLimits, limitedHeaders, type Announcement, type Refusal } from "./check-limits.ts";
import { claimText, fillClaims, type KeyPattern } from "./key-pattern.ts";
import { EVERYONE, type Policy, type Statement } from "./policy.ts";
import { coversPrefix, matchesText, overlapsPrefix } from "./text-pattern.ts";

/** As authentication allows for clocks that differ. */
const EXPIRY_TOLERANCE_MILLISECONDS = 60_000;

export interface AccessRequest {
  readonly principal: Principal;
  readonly operation: Operation;
  readonly announced: Announcement;
  readonly now: Date;
}

export type Decision =
  | {
      readonly effect: "allow";
      /** The id of the statement that decided. */
      readonly statement: string;
      /** What must be signed. */
      readonly headers: Announcement["headers"];
      /** Seconds that the URL may live, where the statement says so. */
      readonly expiresIn?: number;
    }
  | ({
      readonly effect: "deny";
      /** Absent where no statement speaks of the request. */
      readonly statement?: string;
    } & Refusal);

/** What a condition that cannot be evaluated comes to: it opens nothing, and it lifts no prohibition. */
function whenUndecided({ effect }: Statement): boolean {
  return effect === "deny";
}

export function isAbout({ principals }: Statement, principal: Principal): boolean {
  return principals.has(principal.name) || principals.has(EVERYONE);
}

/** An absent claim has none of the values; an array or an object might mean any of them. */
export function meetsClaims(statement: Statement, { claims }: Principal): boolean {
  return statement.claims.every(({ name, values }) => {
    if (!Object.hasOwn(claims, name)) return false;
    const text = claimText(claims, name);
    return text === undefined ? whenUndecided(statement) : values.some((pattern) => matchesText(pattern, text));
  });
}

export function matchesTarget(
  statement: Statement,
  pattern: KeyPattern,
  { principal, operation }: AccessRequest,
): boolean {
  const filled = fillClaims(pattern, principal.claims);
  if (filled === undefined) return whenUndecided(statement);
  if (OPERATIONS[operation.name].target === "object") return matchesText(filled, operation.key);
  return statement.effect === "deny" ? overlapsPrefix(filled, operation.key) : coversPrefix(filled, operation.key);
}

function applies(statement: Statement, request: AccessRequest): boolean {
  return (
    isAbout(statement, request.principal) &&
    statement.actions.has(OPERATIONS[request.operation.name].action) &&
    meetsClaims(statement, request.principal) &&
    statement.keys.some((pattern) => matchesTarget(statement, pattern, request))
  );
}

function allow({ id, limits }: Statement, { operation, announced }: AccessRequest): Decision {
  return {
    effect: "allow",
    statement: id,
    headers: limitedHeaders(limits, operation.name, announced),
    ...(limits.expiresIn === undefined ? {} : { expiresIn: limits.expiresIn }),
  };
}

function forbidden({ principal, operation }: AccessRequest): Refusal {
  const { action, target } = OPERATIONS[operation.name];
  const what = target === "object" ? "this key" : "what lies under this prefix";
  return { code: "AccessDenied", reason: `the policy does not let \`${principal.name}\` ${action} ${what}` };
}

/**
 * An upload in parts is several requests. Were each decided by whatever fits it, the limits of two
 * statements could be mixed: the type that one allows with the size that another does.
 */
const MULTIPART: ReadonlySet<OperationName> = new Set([
  "CreateMultipartUpload",
  "UploadPart",
  "CompleteMultipartUpload",
]);

/** @param first of the statements that apply, all of which allow. */
function decideByLimits(first: Statement, applying: readonly Statement[], request: AccessRequest): Decision {
  const { operation, announced } = request;
  const refusal = checkLimits(first.limits, operation.name, announced);
  if (refusal === undefined) return allow(first, request);
  const candidates = MULTIPART.has(operation.name) ? [] : applying;
  const fitting = candidates.find(({ limits }) => checkLimits(limits, operation.name, announced) === undefined);
  return fitting === undefined ? { effect: "deny", statement: first.id, ...refusal } : allow(fitting, request);
}

/** Credentials may run out while a batch is being signed. */
function hasExpired({ expiresAt }: Principal, now: Date): boolean {
  return expiresAt !== undefined && expiresAt.getTime() + EXPIRY_TOLERANCE_MILLISECONDS <= now.getTime();
}

export function authorize(policy: Policy, request: AccessRequest): Decision {
  if (hasExpired(request.principal, request.now)) {
    return { effect: "deny", code: "Unauthenticated", reason: "the credentials have expired: get new ones" };
  }
  const applying = policy.statements.filter((statement) => applies(statement, request));
  const denying = applying.find(({ effect }) => effect === "deny");
  if (denying !== undefined) return { effect: "deny", statement: denying.id, ...forbidden(request) };
  const [first] = applying;
  if (first === undefined) return { effect: "deny", ...forbidden(request) };
  return decideByLimits(first, applying, request);
}
