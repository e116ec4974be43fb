/** Documents of any shape: none makes the compiler throw, and none has a mistake in a name that nobody sees. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePolicy } from "./compile-policy.ts";
import { formatPath } from "./complaint.ts";

/** Every member that a policy may have. */
const FULL = {
  $schema: "policy.schema.json",
  version: 1,
  audience: "https://files.example.com",
  tokens: [{ name: "ci", sha256: "a".repeat(64), expires: "2027-01-31" }],
  issuers: [
    {
      name: "idp",
      issuer: "https://idp.example.com",
      audience: ["x"],
      jwksUri: "https://idp.example.com/keys",
      algorithms: ["RS256"],
      maxTokenAge: 900,
    },
  ],
  gateway: { name: "front", authorizer: "jwt" },
  rateLimit: { requestsPerSecond: 5, burst: 10 },
  statements: [
    {
      id: "all",
      effect: "allow",
      principals: ["idp", "front"],
      claims: { "a claim": ["a", 7, true] },
      actions: ["write"],
      keys: ["${claims.team}/**"],
      limits: { maxBytes: 1, overwrite: false, requireChecksum: true, contentTypes: ["image/*"], expiresIn: 60 },
    },
  ],
};

const FULL_TEXT = JSON.stringify(FULL);

function complaintsOf(text: string): readonly string[] {
  const compiled = compilePolicy(JSON.parse(text));
  return compiled.ok ? [] : compiled.complaints.map(({ path, message }) => `${formatPath(path)} ${message}`);
}

const HOLE = "\u0000";

/** The policy with other JSON in one place, counted from the root; also of how many places there are. */
function replace(place: number, json: string): { readonly text: string; readonly places: number } {
  let places = 0;
  const text = JSON.stringify(FULL, (_name, value: unknown) => {
    places += 1;
    return places - 1 === place ? HOLE : value;
  });
  return { text: text.replace(JSON.stringify(HOLE), () => json), places };
}

const ODD_VALUES = [null, true, 0, -1, 1.5, 2 ** 53, "", "*", "${", [], [[]], {}, [null], { a: 1 }, [{}], ["x"]];
const ODD_MEMBERS = ['{"__proto__":{}}', '{"constructor":null}', '{"prototype":[[1]]}', '{"toString":1,"length":0}'];
const oddJson = fc.oneof(
  fc.constantFrom(...ODD_VALUES.map((value) => JSON.stringify(value)), ...ODD_MEMBERS),
  fc.json(),
);

const MEMBERS = [...FULL_TEXT.matchAll(/"(\$?\w+)":/gu)].map(({ index, 1: name = "" }) => ({ at: index + 1, name }));
const NAMES: ReadonlySet<string> = new Set(MEMBERS.map(({ name }) => name));

const MISSPELLINGS: readonly ((before: string, letter: string, after: string) => string)[] = [
  (before, _letter, after) => before + after,
  (before, letter, after) => before + letter + letter + after,
  (before, letter, after) => before + letter.toUpperCase() + after,
  (before, letter, after) => before + after.slice(0, 1) + letter + after.slice(1),
  (before, letter, after) => `${before}${letter}-${after}`,
];

const misspelt = fc
  .tuple(fc.constantFrom(...MEMBERS), fc.nat(), fc.constantFrom(...MISSPELLINGS))
  .map(([{ at, name }, any, spell]) => {
    const letter = any % name.length;
    return { at, name, wrong: spell(name.slice(0, letter), name.charAt(letter), name.slice(letter + 1)) };
  })
  .filter(({ wrong }) => !NAMES.has(wrong));

describe("compilePolicy", () => {
  it("takes every member that there is", () => {
    expect(complaintsOf(FULL_TEXT)).toEqual([]);
  });

  it("takes whatever stands in the place of a value, or complains, and never throws", () => {
    const { places } = replace(-1, "");
    let taken = 0;
    fc.assert(
      fc.property(fc.nat(places - 1), oddJson, (place, json) => {
        if (complaintsOf(replace(place, json).text).length === 0) taken += 1;
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(50);
    expect(taken).toBeLessThan(1500);
  });

  it("complains about a misspelt member by its name, wherever it is", () => {
    fc.assert(
      fc.property(misspelt, ({ at, name, wrong }) => {
        const text = FULL_TEXT.slice(0, at) + wrong + FULL_TEXT.slice(at + name.length);
        const complaint = complaintsOf(text).find((each) => each.includes("is no member"));
        expect(complaint).toContain(wrong);
      }),
      { numRuns: 1000 },
    );
  });
});
