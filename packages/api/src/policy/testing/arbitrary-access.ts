/** Random policies, callers and raw request targets out of a small, ill-meaning vocabulary, so that they often meet. */
import type { Action } from "@s3r/shared";
import * as fc from "fast-check";
import type { Principal } from "../../auth/principal.ts";
import type { PolicyDocument, StatementDocument } from "../policy-document.ts";

const WORDS = ["a", "b", "team-a", "team-ab", "x.tgz"] as const;
const ACTIONS = ["read", "write", "delete", "list"] as const;

const DIGEST = "e93c2a5f4375e71791f5e8c9c0add4a2948ac1b05a8779ec29ac26fc7ade0369";

const patternSegment = fc.constantFrom(
  ...WORDS,
  "*",
  "*",
  "**",
  "**",
  "team-*",
  "*.tgz",
  "t*a*",
  "a*a",
  "a*a*a",
  "a*a*a*a",
  "*aa*aa*",
);
const claimSegment = fc.constantFrom(
  "${claims.tenant}",
  "${claims.tenant}",
  "${claims.team}",
  "team-${claims.team}",
  "${claims.team}.tgz",
  "${claims.constructor}",
  // CircleCI's are called so: `oidc.circleci.com/project-id`.
  "${claims.org/team}",
);

function join(segments: readonly string[]): string {
  return segments.join("/");
}

const plainPattern = fc.array(patternSegment, { minLength: 1, maxLength: 3 }).map(join);
const claimPattern = fc
  .array(fc.oneof({ arbitrary: patternSegment, weight: 2 }, { arbitrary: claimSegment, weight: 1 }), {
    minLength: 1,
    maxLength: 3,
  })
  .map(join);

const ODD_TEXTS =
  "team-ab Team-A TEAM-A team-\u0430 team%2Da a%2Fb a/b a|b .* * ** team-* $ ${ ${claims.tenant} . .. a/./b a/../b a..b ..a / /team-a team-a/ team-a//b a\\b";
const ODD_VALUES = ["", "team-a\0", "a\u0085", "team-a\n", "a\ud800", null, ["team-a"], {}, -0, 1.5, 1e21, false];
const claimValue = fc.oneof(
  { arbitrary: fc.constantFrom<unknown[]>("team-a", "a", "team-a/x.tgz", "b", 7, true), weight: 3 },
  { arbitrary: fc.constantFrom<unknown[]>(...ODD_TEXTS.split(" "), ...ODD_VALUES), weight: 1 },
);

const claims = fc.record(
  { tenant: claimValue, team: claimValue, role: claimValue, "org/team": claimValue },
  { requiredKeys: [] },
);

const condition = fc.dictionary(
  fc.constantFrom("role", "role", "team", "toString"),
  fc.oneof(
    fc.constantFrom("*", "**", "a", "team-*", "team-a/**", "${", "", "7", true, 7),
    fc.array(fc.constantFrom("*", "a", "team-a/*", "team-ab", "true", 7), { minLength: 1, maxLength: 2 }),
  ),
  { maxKeys: 1 },
);

interface Draft {
  readonly effect: "allow" | "deny";
  readonly wanted: NonNullable<StatementDocument["claims"]> | null;
  readonly principals: readonly string[];
  readonly actions: readonly Action[];
  readonly plainKeys: readonly string[];
  readonly claimKeys: readonly string[];
}

/** An allowed listing needs a whole prefix. */
function withPrefix(keys: readonly string[]): string[] {
  const [first = "", ...others] = keys;
  return keys.some((key) => key === "**" || key.endsWith("/**")) ? [...keys] : [`${first}/**`, ...others];
}

/** Claims only of who has some: the checks of a policy see to it. */
function toStatement({ effect, wanted, principals, actions, plainKeys, claimKeys }: Draft): StatementDocument {
  const keys = principals.every((name) => name === "jwt") ? claimKeys : plainKeys;
  const mayHaveClaims = principals.every((name) => name === "jwt" || name === "*");
  return {
    effect,
    principals: [...principals],
    ...(wanted === null || !mayHaveClaims ? {} : { claims: wanted }),
    actions: [...actions],
    keys: effect === "allow" && actions.includes("list") ? withPrefix(keys) : [...keys],
  };
}

const draft: fc.Arbitrary<Draft> = fc.record({
  effect: fc.constantFrom("allow", "allow", "allow", "deny"),
  wanted: fc.oneof({ arbitrary: fc.constant(null), weight: 2 }, { arbitrary: condition, weight: 1 }),
  principals: fc.constantFrom(["jwt"], ["jwt"], ["jwt"], ["*"], ["jwt", "*"], ["bot", "jwt"], ["anonymous"]),
  actions: fc.oneof(
    { arbitrary: fc.constant(ACTIONS), weight: 2 },
    { arbitrary: fc.subarray([...ACTIONS], { minLength: 1 }), weight: 1 },
  ),
  claimKeys: fc.array(claimPattern, { minLength: 1, maxLength: 2 }),
  plainKeys: fc.array(plainPattern, { minLength: 1, maxLength: 2 }),
});

export const arbitraryPolicy: fc.Arbitrary<PolicyDocument> = fc
  .array(draft.map(toStatement), { minLength: 1, maxLength: 3 })
  .map((statements) => ({
    version: 1,
    audience: "https://files.example.com",
    issuers: [{ name: "jwt", issuer: "https://accounts.example.com" }],
    tokens: [{ name: "bot", sha256: DIGEST }],
    statements,
  }));

export const arbitraryPrincipal: fc.Arbitrary<Principal> = fc.oneof(
  { arbitrary: claims.map((each): Principal => ({ name: "jwt", kind: "issuer", claims: each })), weight: 6 },
  { arbitrary: fc.constant<Principal>({ name: "bot", kind: "token", claims: {} }), weight: 1 },
  { arbitrary: fc.constant<Principal>({ name: "anonymous", kind: "anonymous", claims: {} }), weight: 1 },
);

const DOTS = ". .. ... %2e %2E%2e .%2e %252e%252e ..; %2e%2e%2f %2F %252F / %5C \\ %255c team-a%2f..%2fteam-ab .s3r";
const BYTES = "%00 team-a%00 %0a %C2%85 %7F %c0%af %c0%ae%c0%ae %e0%80%af %ff %ed%a0%80 %C3 % %zz %2 # | + %20 ~";
/** Of `a`, `-`, `/`, `.`; an accented letter both ways; and letters that need not have been escaped. */
const LOOK_ALIKES =
  "team-%D0%B0 team%E2%80%90a %EF%BC%8F %E2%88%95 %EF%BC%8E%EF%BC%8E %E2%80%A5 %C3%A9 e%CC%81 team%2Da team%252Da %74eam-a TEAM-A team-a. team-\u0430";
const SYNTAX = "* %2A ** %2a%2A $%7Bclaims.tenant%7D ${claims.tenant}";
const HOSTILE = ["", " ", ...[DOTS, BYTES, LOOK_ALIKES, SYNTAX].flatMap((words) => words.split(" "))];

const pathSegment = fc.constantFrom(...WORDS, ...WORDS, "team-a", "a", "aa", "aaa", "aaaa", "a.tgz");
const hostileSegment = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.tuple(pathSegment, fc.constantFrom(...HOSTILE)).map(([word, bad]) => word + bad),
);

const path = fc.oneof(
  { arbitrary: fc.array(pathSegment, { minLength: 1, maxLength: 4 }), weight: 2 },
  {
    arbitrary: fc.array(fc.oneof({ arbitrary: pathSegment, weight: 3 }, { arbitrary: hostileSegment, weight: 1 }), {
      minLength: 1,
      maxLength: 4,
    }),
    weight: 1,
  },
);

export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly action: Action;
}

const method = fc.constantFrom<readonly [method: string, query: string, action: Action]>(
  ["GET", "", "read"],
  ["HEAD", "", "read"],
  ["PUT", "", "write"],
  ["DELETE", "", "delete"],
  ["POST", "?uploads", "write"],
  ["PUT", "?partNumber=7&uploadId=u", "write"],
  ["POST", "?uploadId=u", "write"],
  ["DELETE", "?uploadId=u", "write"],
  ["GET", "?uploadId=u", "write"],
);

/** A request line as a client might send it; much of what is in it should be refused. */
export const arbitraryObjectRequest: fc.Arbitrary<RawRequest> = fc
  .tuple(method, path)
  .map(([[name, query, action], segments]) => ({ method: name, target: `/${join(segments)}${query}`, action }));

/** A listing of a prefix that ends in a segment, in a part of one, or in `/`. */
export const arbitraryListing: fc.Arbitrary<RawRequest> = fc
  .tuple(fc.oneof({ arbitrary: fc.constant([]), weight: 1 }, { arbitrary: path, weight: 9 }), fc.nat({ max: 5 }))
  .map(([segments, cut]) => {
    const whole = join(segments);
    const prefix = cut > 3 ? whole.slice(0, 2 - cut) : `${whole}${whole !== "" && cut > 0 ? "/" : ""}`;
    return { method: "GET", target: `/${prefix}?list-type=2`, action: "list" };
  });
