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
    ["__proto__ for a member", GOOD.replace("version: 1", "version: 1\n__proto__: {}"), /__proto__/u],
    ["constructor for a limit", GOOD.replace("maxBytes: 1GiB", "constructor: 1"), /constructor/u],
  ])("with %s is refused, with the place", (_title, text, place) => {
    const complaints = complaintsOf(text);
    expect(complaints.length).toBeGreaterThan(0);
    expect(complaints.join("\n")).toMatch(place);
    expect(complaints.every((complaint) => complaint.startsWith("policy.yaml"))).toBe(true);
  });

  it("has all that is wrong said at once", () => {
    const text = GOOD.replace("1GiB", "1GB").replace("[read, write]", "[raed]").replace(DIGEST, "x");
    const complaints = complaintsOf(text).join("\n");
    expect(complaints).toMatch(/tokens\[0\]\.sha256/u);
    expect(complaints).toMatch(/statements\[0\]\.actions/u);
    expect(complaints).toMatch(/statements\[0\]\.limits\.maxBytes/u);
  });

  it("with aliases that multiply is refused, and takes no time", () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${["b", "c", "d", "e", "f", "g", "h", "i"]
      .map(
        (name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefgh"[index]}`).join(", ")}]`,
      )
      .join("\n")}\n`;
    const started = performance.now();
    expect(complaintsOf(bomb).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("whatever the text is", () => {
  it("is a policy or it has complaints, and nothing is thrown", () => {
    const word = fc.constantFrom(...GOOD.split(/(\s+|[:,[\]-])/u));
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
      }),
      { numRuns: 2000 },
    );
  });

  it("a member that nobody knows is a complaint, wherever it is", () => {
    const name = fc.stringMatching(/^x[a-z]{1,8}$/u);
    const place = fc.constantFrom("version: 1", "  - name: ci", "  - id: all", "      maxBytes: 1GiB");
    fc.assert(
      fc.property(name, place, (member, line) => {
        const indent = " ".repeat(line.search(/[a-z]/u));
        const text = GOOD.replace(line, `${line}\n${indent}${member}: 1`);
        expect(complaintsOf(text).join("\n")).toContain(member);
      }),
    );
  });
});
