import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { thrownBy } from "../testing/thrown-by.ts";
import { classifySource, findFiles } from "./find-files.ts";
import { createPathFilter } from "./path-filter.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "s3r-find-"));
  for (const name of ["a.js", "lib/b.js", "lib/deep/c.js", "lib/b.css", ".hidden/d.js", "[1].js", ".s3r-0a1b-2.part"]) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), name);
  }
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function find(path: string, isRecursive = false): readonly string[] {
  const options = { filter: createPathFilter([]), followsLinks: true };
  const found = [...findFiles(classifySource(join(root, path), isRecursive), options)];
  return found.map((each) => (each.kind === "file" ? each.relative : each.kind));
}

describe("what is named", () => {
  it("may be a pattern; keys keep what is below its fixed part", () => {
    expect(find("**/*.js")).toEqual(["[1].js", "a.js", "lib/b.js", "lib/deep/c.js"]);
    expect(find("lib/**/*.js")).toEqual(["b.js", "deep/c.js"]);
    expect(find("lib/*.{js,css}")).toEqual(["b.css", "b.js"]);
    expect(find("*/b.js")).toEqual(["lib/b.js"]);
    expect(find("nothing/*.js")).toEqual([]);
  });

  it("is taken by its name where it is there, whatever characters that has", () => {
    expect(find("[1].js")).toEqual(["[1].js"]);
  });

  it("may be a directory, with all that is below it but our own unfinished downloads", () => {
    expect(find("", true)).toEqual([".hidden/d.js", "[1].js", "a.js", "lib/b.css", "lib/b.js", "lib/deep/c.js"]);
    expect(find("lib", true)).toEqual(["b.css", "b.js", "deep/c.js"]);
  });

  it("is refused where it cannot be meant", () => {
    symlinkSync("nowhere", join(root, "dangling"));
    const codes = ["lib", "missing", "dangling"].map((path) => thrownBy(() => classifySource(join(root, path), false)));
    expect(codes).toMatchObject([
      { code: "Usage", hint: expect.stringContaining("put -r") },
      { code: "NotFound" },
      { code: "NotFound" },
    ]);
  });
});
