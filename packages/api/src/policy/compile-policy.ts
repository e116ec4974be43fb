/** From a policy document, of whatever shape, to the policy, or to all that is wrong with it. */
import * as v from "valibot";
import { ANONYMOUS_NAME } from "../auth/principal.ts";
import { checkShape } from "./check-shape.ts";
import { compileAuth, complainAboutAuth } from "./compile-auth.ts";
import { compileStatement, complainAboutStatement, type KnownPrincipals } from "./compile-statement.ts";
import type { Complaint } from "./complaint.ts";
import { policySchema, statementSchema, type PolicyDocument, type StatementDocument } from "./policy-document.ts";
import type { Policy } from "./policy.ts";

export type CompiledPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly complaints: readonly Complaint[] };

/** What is there of a document whose shape is not right everywhere, so that the rest can still be checked. */
const tolerantSchema = v.object({
  audience: v.fallback(v.optional(v.string()), undefined),
  tokens: v.fallback(
    v.array(v.object({ name: v.string(), sha256: v.fallback(v.string(), () => crypto.randomUUID()) })),
    [],
  ),
  issuers: v.fallback(
    v.array(v.object({ name: v.string(), issuer: v.fallback(v.string(), () => crypto.randomUUID()) })),
    [],
  ),
  gateway: v.fallback(v.optional(v.object({ name: v.string() })), undefined),
  statements: v.fallback(v.array(v.unknown()), []),
});

interface Named {
  readonly tokens?: readonly { readonly name: string }[] | undefined;
  readonly issuers?: readonly { readonly name: string; readonly issuer: string }[] | undefined;
  readonly gateway?: { readonly name: string } | undefined;
}

function knownPrincipals({ tokens = [], issuers = [], gateway }: Named): KnownPrincipals {
  const withClaims = [...issuers.map(({ name }) => name), ...(gateway === undefined ? [] : [gateway.name])];
  return {
    names: new Set([ANONYMOUS_NAME, ...tokens.map(({ name }) => name), ...withClaims]),
    issuers: new Map(issuers.map(({ name, issuer }) => [name, issuer])),
    withClaims: new Set(withClaims),
  };
}

function complainAboutIds(statements: readonly (StatementDocument | undefined)[]): readonly Complaint[] {
  const ids = statements.map((statement) => statement?.id);
  return ids.flatMap((id, index) =>
    id === undefined || ids.indexOf(id) === index
      ? []
      : [
          {
            path: ["statements", index, "id"],
            message: `\`${id}\` is the id of another statement: the log could not tell them apart`,
          },
        ],
  );
}

function toStatement(raw: unknown): StatementDocument | undefined {
  return v.is(statementSchema, raw) ? raw : undefined;
}

function complainAboutMeaning(document: unknown): readonly Complaint[] {
  const tolerant = v.safeParse(tolerantSchema, document);
  if (!tolerant.success) return [];
  const known = knownPrincipals(tolerant.output);
  const statements = tolerant.output.statements.map(toStatement);
  return [
    ...(v.is(policySchema, document) ? complainAboutAuth(document) : []),
    ...complainAboutIds(statements),
    ...statements.flatMap((statement, index) =>
      statement === undefined
        ? []
        : complainAboutStatement(statement, known).map(({ path, message }) => ({
            path: ["statements", index, ...path],
            message,
          })),
    ),
  ];
}

function compile(document: PolicyDocument): Policy {
  const { audience, rateLimit, statements } = document;
  return {
    auth: compileAuth(document),
    ...(audience === undefined ? {} : { audience }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    statements: statements.map(compileStatement),
  };
}

export function compilePolicy(document: unknown): CompiledPolicy {
  const complaints = [...checkShape(document), ...complainAboutMeaning(document)];
  if (complaints.length > 0 || !v.is(policySchema, document)) return { ok: false, complaints };
  return { ok: true, policy: compile(document) };
}
