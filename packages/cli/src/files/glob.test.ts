import { describe, expect, it } from "vitest";
import { compileGlob, compileRule, isGlob, splitGlob } from "./glob.ts";

describe("a pattern", () => {
  it.each([
    ["*.js", true],
    ["a?c", true],
    ["[ab]", true],
    ["{a,b}", true],
    ["!(a)", true],
    ["plain.txt", false],
    ["(1).txt", false],
    ["escaped\\*", false],
    ["a,b", false],
  ])("is told from a name: %s", (text, expected) => {
    expect(isGlob(text)).toBe(expected);
  });

  it.each([
    ["dist/**/*.js", "dist", "**/*.js", Number.POSITIVE_INFINITY],
    ["*.txt", "", "*.txt", 1],
    ["/var/log/*/x", "/var/log", "*/x", 2],
    ["/*", "/", "*", 1],
    ["a\\*b/c*/d", "a*b", "c*/d", 2],
    ["src/{a,b/c}/*", "src", "{a,b/c}/*", Number.POSITIVE_INFINITY],
  ])("begins with a folder that is fixed: %s", (glob, base, pattern, maximumDepth) => {
    expect(splitGlob(glob)).toEqual({ base, pattern, maximumDepth });
  });

  it.each([
    ["**/*.js", ["a.js", "x/y/a.js"], ["a.ts", ".hidden/a.js", ".a.js"]],
    ["*.js", ["a.js"], ["x/a.js"]],
    ["{a,b}/[0-9]?", ["a/1x", "b/22"], ["c/1x", "a/x1"]],
    ["!a", ["!a"], ["b"]],
  ])("matches as in a shell: %s", (pattern, hits, misses) => {
    const matches = compileGlob(pattern);
    expect(hits.map(matches)).toEqual(hits.map(() => true));
    expect(misses.map(matches)).toEqual(misses.map(() => false));
  });

  it.each([
    ["*.log", ["a.log", "x/y/.a.log"], ["a.txt"]],
    ["node_modules", ["node_modules/a", "x/node_modules/y/z"], ["node_modules_2/a"]],
    ["node_modules/", ["node_modules/a"], ["a"]],
    ["docs/*.md", ["docs/a.md"], ["x/docs/a.md", "docs/x/a.md"]],
    ["/top", ["top", "top/a"], ["x/top"]],
    ["docs/**", ["docs/a", "docs/x/y"], ["x/docs/a"]],
    [".git", [".git/HEAD", "x/.git/HEAD"], ["git/HEAD"]],
  ])("of --include and --exclude is about names at any depth, or about paths: %s", (pattern, hits, misses) => {
    const matches = compileRule(pattern);
    expect(hits.map(matches)).toEqual(hits.map(() => true));
    expect(misses.map(matches)).toEqual(misses.map(() => false));
  });
});
