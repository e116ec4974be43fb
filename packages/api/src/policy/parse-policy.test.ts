/** What is wrong with a policy is said by its place, all of it at once, and nothing else is ever thrown. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePolicy } from "./parse-policy.ts";

const DIGEST = "a".repeat(64);

const GOOD = `version: 1
audience: https://files.example.com
tokens:
  - name: ci
    sha256: ${DIGEST}
statements:
  - id: all
    principals: ci
    actions: [read, write]
    keys: builds/**
    limits:
      maxBytes: 1GiB
`;

function complaintsOf(text: string): readonly string[] {
  const parsed = parsePolicy(text, "policy.yaml");
  return parsed.ok ? [] : parsed.complaints;
}

describe("a policy", () => {
  it("is read from YAML, and the same from JSON", () => {
    const json = JSON.stringify({
      version: 1,
      statements: [{ principals: "*", actions: ["read"], keys: "public/**" }],
    });
    expect(complaintsOf(GOOD)).toEqual([]);
    expect(complaintsOf(json)).toEqual([]);
  });

  it.each<readonly [title: string, text: string, place: RegExp]>([
    ["an unknown version", GOOD.replace("version: 1", "version: 2"), /version/u],
    ["no version", GOOD.replace("version: 1\n", ""), /version/u],
    ["a misspelt member", GOOD.replace("statements:", "statments:"), /statments/u],
    ["a misspelt member of a statement", GOOD.replace("keys:", "key:"), /statements\[0\].*key/u],
    ["a misspelt limit", GOOD.replace("maxBytes", "maxbytes"), /statements\[0\]\.limits.*maxbytes/u],
    ["an unknown action", GOOD.replace("[read, write]", "[read, wirte]"), /statements\[0\]\.actions/u],
    ["no action", GOOD.replace("[read, write]", "[]"), /statements\[0\]\.actions/u],
    ["an unknown principal", GOOD.replace("principals: ci", "principals: cl"), /statements\[0\]\.principals.*cl/u],
    ["an unknown effect", GOOD.replace("- id: all", "- id: all\n    effect: permit"), /statements\[0\]\.effect/u],
    ["a size that is none", GOOD.replace("1GiB", "1GB"), /statements\[0\]\.limits\.maxBytes/u],
    ["a size of nothing", GOOD.replace("1GiB", "0"), /statements\[0\]\.limits\.maxBytes/u],
    ["a digest that is none", GOOD.replace(DIGEST, "abc"), /tokens\[0\]\.sha256/u],
    ["a pattern beside **", GOOD.replace("builds/**", "builds/a**"), /statements\[0\]\.keys/u],
    ["a pattern with ..", GOOD.replace("builds/**", "builds/../x"), /statements\[0\]\.keys/u],
    ["a pattern that begins with /", GOOD.replace("builds/**", "/builds/**"), /statements\[0\]\.keys/u],
    ["an unclosed placeholder", GOOD.replace("builds/**", "${claims.x/**"), /statements\[0\]\.keys/u],
    ["a claim of a token that has none", GOOD.replace("builds/**", "${claims.x}/**"), /statements\[0\]\.keys/u],
    ["two statements of one name", `${GOOD}${GOOD.slice(GOOD.indexOf("  - id"))}`, /statements\[1\]\.id/u],
    ["statements that are no list", GOOD.replace(/statements:[^]*/u, "statements: all\n"), /statements/u],
    ["no statement", GOOD.replace(/statements:[^]*/u, "statements: []\n"), /statements/u],
    ["a duplicate member", GOOD.replace("version: 1", "version: 1\nversion: 1"), /version|unique|duplicate/iu],
    ["nothing", "", /policy\.yaml/u],
    ["a list", "- 1\n", /policy\.yaml/u],
    ["text", "hello", /policy\.yaml/u],
    ["half of a YAML", 'statements: [{"a": ', /policy\.yaml/u],
    ["only a comment", "# all of it\n", /policy\.yaml/u],
    ["NUL", "\0", /policy\.yaml/u],
    ["a second document", `${GOOD}---\nversion: 1\n`, /^policy\.yaml:13: .*more than one document/u],
    ["a duplicate member of a statement", GOOD.replace("id: all", "id: all\n    keys: secret"), /^policy\.yaml:\d+: /u],
    ["a duplicate member of JSON", '{"version": 1, "version": 1}', /policy\.yaml:1: .*unique/u],
    ["a member that an alias names again", GOOD.replace("version: 1", "&v version: 1\n*v : 1"), /policy\.yaml:2: /u],
    ["a member that is a list", GOOD.replace("version: 1", "version: 1\n? [a]\n: 1"), /policy\.yaml:2: .*plain text/u],
    ["a tag that says nothing here", GOOD.replace("keys:", "keys: !Sub"), /^policy\.yaml:10: .*!Sub/u],
    ["a set", GOOD.replace(/statements:[^]*/u, "statements: !!set {a}\n"), /policy\.yaml:6: statements /u],
    ["bytes for text", GOOD.replace("builds/**", "!!binary aGVsbG8="), /statements\[0\]\.keys/u],
    ["a number for text", GOOD.replace("builds/**", "7"), /statements\[0\]\.keys/u],
    ["nothing for a list", GOOD.replace("[read, write]", ""), /statements\[0\]\.actions/u],
    ["text for a number", GOOD.replace("version: 1", "version: '1'"), /version/u],
    ["a list for a statement", GOOD.replace(/- id: all[^]*/u, "- [all]\n"), /statements\[0\]/u],
    ["itself for a statement", "&all\nversion: 1\nstatements: [*all]\n", /statements\[0\]/u],
    ["an alias for nothing", GOOD.replace("builds/**", "*none"), /policy\.yaml:\d+: .*alias/u],
    ["more levels than can be read", "[".repeat(20_000), /policy\.yaml:1: /u],
    ["merged members", GOOD.replace("- id: all", "- <<: {effect: deny}\n    id: all"), /statements\[0\]\["<<"\]/u],
    ["__proto__ for a member", GOOD.replace("version: 1", "version: 1\n__proto__: {}"), /__proto__/u],
    ["constructor for a limit", GOOD.replace("maxBytes: 1GiB", "constructor: 1"), /constructor/u],
  ])("with %s is refused, with the place", (_title, text, place) => {
    const complaints = complaintsOf(text);
    expect(complaints.length).toBeGreaterThan(0);
    expect(complaints.join("\n")).toMatch(place);
    expect(complaints.every((complaint) => /^policy\.yaml:\d+: \S/u.test(complaint))).toBe(true);
  });

  it("has all that is wrong said at once, each with its line: shapes, names and what does not go together", () => {
    const text = GOOD.replace("1GiB", "1GB").replace("[read, write]", "[raed]").replace(DIGEST, "x");
    const stranger = "  - id: all\n    principals: cl\n    actions: list\n    keys: builds/*\n";
    const complaints = complaintsOf(text + stranger).map((complaint) => complaint.split(" ").slice(0, 2).join(" "));
    expect(complaints.sort()).toEqual([
      "policy.yaml:12: statements[0].limits.maxBytes",
      "policy.yaml:14: statements[1].principals",
      "policy.yaml:16: statements[1].keys",
      "policy.yaml:5: tokens[0].sha256",
      "policy.yaml:9: statements[0].actions[0]",
    ]);
  });

  it("may use an alias for what it says twice", () => {
    const text = `${GOOD.replace("builds/**", "&keys builds/**")}  - id: more\n    principals: "*"\n    actions: read\n    keys: *keys\n`;
    expect(complaintsOf(text)).toEqual([]);
  });

  it("with aliases that multiply is refused, and takes no time", () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${["b", "c", "d", "e", "f", "g", "h", "i"]
      .map(
        (name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefgh"[index]}`).join(", ")}]`,
      )
      .join("\n")}\n`;
    const started = performance.now();
    expect(complaintsOf(bomb)).toEqual([expect.stringMatching(/^policy\.yaml:1: its aliases cannot be resolved/u)]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("whatever the text is", () => {
  it("is a policy or it has complaints, each with its line, and nothing is thrown", () => {
    const word = fc.constantFrom(...GOOD.split(/(\s+|[:,[\]-])/u), "&a ", "*a", "? ", "!!set ", "<<: ", "%YAML 1.1\n");
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.json(),
      fc.array(word, { maxLength: 60 }).map((words) => words.join("")),
      fc.nat(GOOD.length - 1).map((at) => GOOD.slice(0, at) + GOOD.slice(at + 1)),
      fc.tuple(fc.nat(GOOD.length), fc.string()).map(([at, text]) => GOOD.slice(0, at) + text + GOOD.slice(at)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parsePolicy(text, "policy.yaml");
        expect(parsed.ok || parsed.complaints.length > 0).toBe(true);
        for (const complaint of parsed.ok ? [] : parsed.complaints) expect(complaint).toMatch(/^policy\.yaml:\d+: \S/u);
      }),
      { numRuns: 400 },
    );
  });
});
