/** The part of a policy that says who can be recognised. */
import type { AuthConfig, Issuer, StaticToken } from "../auth/auth-config.ts";
import { ANONYMOUS_NAME } from "../auth/principal.ts";
import type { Complaint } from "./complaint.ts";
import { toList } from "./to-list.ts";
import type { PolicyDocument } from "./policy-document.ts";

const DEFAULT_MAX_TOKEN_AGE_SECONDS = 900;

type AuthDocument = Pick<PolicyDocument, "audience" | "tokens" | "issuers" | "gateway">;

/** Names are told apart by what they are, or a token could be taken for an issuer. */
function complainAboutNames({ tokens = [], issuers = [], gateway }: AuthDocument): readonly Complaint[] {
  const taken = new Map([[ANONYMOUS_NAME, "the principal that everyone without credentials is"]]);
  for (const { name } of tokens) if (name !== ANONYMOUS_NAME) taken.set(name, "the name of a token");
  const others = [
    ...issuers.map(({ name }, index) => ({ name, path: ["issuers", index, "name"], is: "the name of an issuer" })),
    ...(gateway === undefined
      ? []
      : [{ name: gateway.name, path: ["gateway", "name"], is: "the name of the gateway" }]),
  ];
  const complaints: Complaint[] = tokens.flatMap(({ name }, index) =>
    name === ANONYMOUS_NAME ? [{ path: ["tokens", index, "name"], message: `\`${name}\` is ${taken.get(name)}` }] : [],
  );
  for (const { name, path, is } of others) {
    const already = taken.get(name);
    if (already !== undefined) complaints.push({ path, message: `\`${name}\` is ${already} already` });
    taken.set(name, is);
  }
  return complaints;
}

/** `Date` takes February 30 for March 2. */
function isOfCalendar(expires: string): boolean {
  const day = expires.slice(0, "2027-01-31".length);
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || Number.isNaN(Date.parse(expires))) return false;
  return midnight.toISOString().startsWith(day);
}

function complainAboutTokens({ tokens = [] }: AuthDocument): readonly Complaint[] {
  return tokens.flatMap(({ sha256, expires }, index) => [
    ...(tokens.findIndex((other) => other.sha256 === sha256) === index
      ? []
      : [{ path: ["tokens", index, "sha256"], message: "is that of another token in the list: each is given once" }]),
    ...(expires === undefined || isOfCalendar(expires)
      ? []
      : [{ path: ["tokens", index, "expires"], message: "is no date of the calendar" }]),
  ]);
}

function complainAboutIssuers({ audience, issuers = [] }: AuthDocument): readonly Complaint[] {
  return issuers.flatMap((each, index) => [
    ...(each.audience === undefined && audience === undefined
      ? [
          {
            path: ["issuers", index, "audience"],
            message: "is missing: say here, or at the top, what its tokens must be for",
          },
        ]
      : []),
    ...(issuers.findIndex((other) => other.issuer === each.issuer) === index
      ? []
      : [{ path: ["issuers", index, "issuer"], message: "is that of another issuer in the list: each is given once" }]),
  ]);
}

export function complainAboutAuth(document: AuthDocument): readonly Complaint[] {
  return [...complainAboutNames(document), ...complainAboutTokens(document), ...complainAboutIssuers(document)];
}

function compileToken({ name, sha256, expires }: NonNullable<AuthDocument["tokens"]>[number]): StaticToken {
  return { name, sha256, ...(expires === undefined ? {} : { expires: new Date(expires) }) };
}

export function compileAuth({ audience, tokens = [], issuers = [], gateway }: AuthDocument): AuthConfig {
  return {
    tokens: tokens.map(compileToken),
    issuers: issuers.map((each): Issuer => ({
      name: each.name,
      issuer: each.issuer,
      audiences: toList(each.audience ?? audience ?? []),
      algorithms: each.algorithms ?? ["RS256"],
      maxTokenAge: each.maxTokenAge ?? DEFAULT_MAX_TOKEN_AGE_SECONDS,
      ...(each.jwksUri === undefined ? {} : { jwksUri: each.jwksUri }),
    })),
    ...(gateway === undefined ? {} : { gateway }),
  };
}
