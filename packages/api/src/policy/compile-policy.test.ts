/** What is wrong with a policy although every member has a right shape, by its place: several members make it so. */
import { describe, expect, it } from "vitest";
import { compilePolicy } from "./compile-policy.ts";
import { formatPath } from "./complaint.ts";

const ISSUERS = {
  idp: "https://idp.example.com",
  github: "https://token.actions.githubusercontent.com",
  gitlab: "https://gitlab.com",
  buildkite: "https://agent.buildkite.com",
};

const DOCUMENT = {
  version: 1,
  audience: "https://files.example.com",
  tokens: [{ name: "ci", sha256: "0".repeat(64) }],
  issuers: Object.entries(ISSUERS).map(([name, issuer]) => ({ name, issuer })),
};

type Members = Readonly<Record<string, unknown>>;

function placesIn(document: Members): readonly string[] {
  const compiled = compilePolicy(document);
  return compiled.ok ? [] : compiled.complaints.map(({ path }) => formatPath(path));
}

/** Where a policy is wrong, of one statement with these members; from the statement on. */
function placesInStatement(members: Members): readonly string[] {
  const statement = { principals: "idp", actions: "write", keys: "**", ...members };
  return placesIn({ ...DOCUMENT, statements: [statement] }).map((place) => place.replace("statements[0].", ""));
}

describe("a key pattern", () => {
  it.each([
    "a",
    "*",
    "**",
    "a/**/b/*-*.tgz",
    "$",
    "{a}",
    "a$b",
    "...",
    "${claims.a}/**",
    "x-${claims.a}.tgz",
    "${claims.a}/${claims.b}",
    "${claims.oidc.circleci.com/project-id}/**",
  ])("may be %j", (keys) => {
    expect(placesInStatement({ keys })).toEqual([]);
  });

  it.each([
    "/a",
    "a/",
    "a//b",
    "/",
    ".",
    "..",
    "a/./b",
    "a/../b",
    "a**",
    "**a",
    "***",
    "a\\b",
    "a\0",
    "a\n",
    "a\u0085b",
    "a\ud800",
    "${claims.a}*",
    "*-${claims.a}",
    "${claims.a}${claims.b}",
    "${claims.a}-${claims.b}",
    "${claims.}",
    "${claims.a b}",
    "${claim.a}",
    "${env.HOME}",
    "${}",
    "${claims.a",
    "a/${claims.a/b",
    "${claims.${claims.a}}",
    "${claims.../x}",
  ])("may not be %j", (keys) => {
    expect(placesInStatement({ keys })).toEqual(["keys"]);
    expect(placesInStatement({ keys: ["ok", keys] })).toEqual(["keys[1]"]);
  });

  it.each<readonly [principals: string | readonly string[], isFine: boolean]>([
    ["idp", true],
    [["idp", "github"], true],
    ["ci", false],
    ["anonymous", false],
    ["*", false],
    [["idp", "ci"], false],
  ])("with a claim in it, for %j: %j", (principals, isFine) => {
    const places = placesInStatement({ effect: "deny", principals, keys: "${claims.a}/**" });
    expect(places).toEqual(isFine ? [] : ["keys"]);
  });
});

describe("an allowed listing", () => {
  it.each<readonly [keys: string | readonly string[], isFine: boolean]>([
    ["**", true],
    ["a/**", true],
    [["a", "b/**"], true],
    ["${claims.t}/**", true],
    ["a", false],
    ["a/*", false],
    ["**/a", false],
    [["a", "b/*"], false],
  ])("of %j, which must hold a whole prefix: %j", (keys, isFine) => {
    expect(placesInStatement({ actions: ["read", "list"], keys })).toEqual(isFine ? [] : ["keys"]);
    expect(placesInStatement({ effect: "deny", actions: ["read", "list"], keys })).toEqual([]);
  });
});

describe("an allow for an issuer that serves everyone", () => {
  it.each<readonly [principals: string | readonly string[], claims: Members, isFine: boolean]>([
    ["github", { repository_owner_id: 9919 }, true],
    ["github", { repository_id: ["1", "2"] }, true],
    ["github", { enterprise_id: "7" }, true],
    ["gitlab", { namespace_id: "72" }, true],
    ["gitlab", { job_project_id: "72" }, true],
    ["buildkite", { organization_slug: "acme" }, true],
    ["idp", { tenant: "acme" }, true],
    ["github", { repository: "octo/app" }, false],
    ["github", { repository_owner: "octo" }, false],
    ["github", { sub: "repo:octo/app:ref:refs/heads/main" }, false],
    ["github", { repository_owner_id: "*" }, false],
    ["github", { repository_owner_id: "99*" }, false],
    ["github", { repository_owner_id: ["9919", "*"] }, false],
    ["github", { project_id: "72" }, false],
    ["gitlab", { project_path: "group/project" }, false],
    ["gitlab", { repository_owner_id: "9919" }, false],
    ["buildkite", { pipeline_slug: "deploy" }, false],
    [["idp", "github"], { tenant: "acme" }, false],
  ])("%j must pin an owner's id, which %j does: %j", (principals, claims, isFine) => {
    expect(placesInStatement({ principals, claims })).toEqual(isFine ? [] : ["claims"]);
    expect(placesInStatement({ effect: "deny", principals, claims })).toEqual([]);
  });

  it("is refused without any claims", () => {
    expect(placesInStatement({ principals: "github" })).toEqual(["claims"]);
  });
});

describe("claims", () => {
  it.each<readonly [claims: unknown, place: string]>([
    [{ ref: "refs/heads**" }, "claims.ref"],
    [{ ref: ["main", "a**"] }, "claims.ref[1]"],
    [{ ref: [] }, "claims.ref"],
    [{ ref: null }, "claims.ref"],
    [{ id: 1.5 }, "claims.id"],
    [{ id: 2 ** 53 }, "claims.id"],
    [{ "": "x" }, 'claims[""]'],
    [["main"], "claims"],
    [[], "claims"],
    [new Set(["main"]), "claims"],
  ])("may not be %j", (claims, place) => {
    expect(new Set(placesInStatement({ effect: "deny", claims }))).toEqual(new Set([place]));
  });

  it.each(["__proto__", "constructor", "prototype"])(
    "may not be asked for by the name %s, whatever the value",
    (name) => {
      for (const value of ["x", 1.5, null, [], {}, [{ toString: 1 }]]) {
        const claims: unknown = JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(value)}}`);
        expect(placesInStatement({ claims })).toEqual([`claims.${name}`]);
      }
    },
  );

  it("may be asked for of everyone, and not of who never has any", () => {
    expect(placesInStatement({ principals: "*", claims: { a: "b" } })).toEqual([]);
    expect(placesInStatement({ principals: ["idp", "ci", "anonymous"], claims: { a: "b" } })).toEqual([
      "principals[1]",
      "principals[2]",
    ]);
  });
});

describe("limits", () => {
  it.each<readonly [statement: Members, places: readonly string[]]>([
    [{ limits: { maxBytes: "50TiB" } }, []],
    [{ limits: { maxBytes: "51TiB" } }, ["limits.maxBytes"]],
    [{ limits: { maxBytes: "999999999999999" } }, ["limits.maxBytes"]],
    [{ limits: [] }, ["limits"]],
    [{ actions: "read", limits: { expiresIn: 60 } }, []],
    [
      { actions: ["read", "delete"], limits: { maxBytes: 1, overwrite: false } },
      ["limits.maxBytes", "limits.overwrite"],
    ],
    [{ effect: "deny", limits: { expiresIn: 60 } }, ["limits"]],
    [{ effect: "deny", limits: {} }, []],
  ])("of %j are wrong at %j", (statement, places) => {
    expect(placesInStatement(statement)).toEqual(places);
  });
});

const STATEMENT = { principals: "*", actions: "read", keys: "**" };
const TOKEN = { name: "ci", sha256: "0".repeat(64) };
const ISSUER = { name: "idp", issuer: "https://idp.example.com", audience: "x" };

describe("names", () => {
  it.each<readonly [members: Members, places: readonly string[]]>([
    [{ tokens: [TOKEN, { ...TOKEN, sha256: "1".repeat(64) }] }, []],
    [{ tokens: [TOKEN, TOKEN] }, ["tokens[1].sha256"]],
    [{ tokens: [{ ...TOKEN, name: "anonymous" }] }, ["tokens[0].name"]],
    [{ issuers: [{ ...ISSUER, name: "anonymous" }] }, ["issuers[0].name"]],
    [{ tokens: [TOKEN], issuers: [{ ...ISSUER, name: "ci" }] }, ["issuers[0].name"]],
    [{ issuers: [ISSUER, { ...ISSUER, name: "other" }] }, ["issuers[1].issuer"]],
    [{ issuers: [ISSUER, { ...ISSUER, issuer: "https://other.example.com" }] }, ["issuers[1].name"]],
    [{ issuers: [ISSUER], gateway: { name: "idp", authorizer: "jwt" } }, ["gateway.name"]],
    [{ issuers: [{ name: "idp", issuer: "https://idp.example.com" }] }, ["issuers[0].audience"]],
    [{ statements: [{ ...STATEMENT, id: "a" }, { ...STATEMENT, id: "a" }, STATEMENT] }, ["statements[1].id"]],
  ])("in %j are wrong at %j", (members, places) => {
    expect(placesIn({ version: 1, statements: [STATEMENT], ...members })).toEqual(places);
  });
});

describe("the day on which a token expires", () => {
  it.each<readonly [expires: string, isFine: boolean]>([
    ["2027-02-28", true],
    ["2028-02-29", true],
    ["2027-12-31T23:59:59Z", true],
    ["2027-03-31T12:00+02:00", true],
    ["2027-02-29", false],
    ["2027-02-30T12:00Z", false],
    ["2027-04-31", false],
    ["2027-13-01", false],
    ["2027-00-10", false],
    ["2027-01-00", false],
    ["2027-01-31T25:00Z", false],
    ["2027-01-31 12:00", false],
    ["31.01.2027", false],
  ])("%s is one of the calendar: %j", (expires, isFine) => {
    const places = placesIn({ version: 1, tokens: [{ ...TOKEN, expires }], statements: [STATEMENT] });
    expect(places).toEqual(isFine ? [] : ["tokens[0].expires"]);
  });
});
