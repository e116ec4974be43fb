import { join, resolve, sep, win32 } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CliError } from "../cli-error.ts";
import { thrownBy } from "../testing/thrown-by.ts";
import { createClashDetector, createFolderDetector, toLocalNames, type Platform } from "./local-name.ts";

function codeOf(key: string, platform: Platform, prefix = ""): string {
  const error = thrownBy(() => toLocalNames(key, prefix, platform));
  return error instanceof CliError ? error.code : "taken";
}

describe("a key as a path", () => {
  it.each([
    "../../etc/x",
    "a/../../x",
    "a/..",
    "./x",
    "/etc/passwd",
    "a//b",
    "a/",
    "",
    "nul\0byte",
    "a\nb",
    "C:\\x",
    "a\\..\\b",
    ".s3r/sign",
    "lone\uD800",
  ])("is refused when no API would have such an object: %j", (key) => {
    expect([codeOf(key, "posix"), codeOf(key, "windows")]).toEqual(["UnsafeServer", "UnsafeServer"]);
  });

  it.each([
    "C:",
    "C:x",
    "a/CON",
    "com1.txt",
    "LPT9",
    "nul ",
    "a/aux.b/c",
    "COM\u00B9",
    "dot.",
    "space ",
    "a?",
    "a:b",
    "<",
    "x/|",
  ])("is refused on Windows alone, which has no such name: %j", (key) => {
    expect([codeOf(key, "posix"), codeOf(key, "windows")]).toEqual(["taken", "LocalIo"]);
  });

  it.each(["a", "a b/c+d", "日本語/é", "con-tainer", "comb.txt", "..a", "a..", "...", ".x"])("is taken: %j", (key) => {
    expect(codeOf(key, "posix")).toBe("taken");
  });

  it("is what lies below the prefix, and refused elsewhere", () => {
    expect(toLocalNames("a/b/c/d", "a/b/", "posix")).toEqual(["c", "d"]);
    expect(codeOf("other/c", "posix", "a/b/")).toBe("UnsafeServer");
  });

  const segment = fc.oneof(
    fc.constantFrom("..", ".", "", "C:", "con", "a", "a.", "\\", "\0", "~", "-rf"),
    fc.string({ unit: "binary", maxLength: 5 }),
  );
  const key = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(segment, { maxLength: 6 }).map((all) => all.join("/")),
  );

  it("lies in the directory, or is refused, whatever the key", () => {
    const root = resolve("/some/dir");
    fc.assert(
      fc.property(key, fc.constantFrom("", "a/"), (suffix, prefix) => {
        const names = fromEither(() => toLocalNames(prefix + suffix, prefix, "posix"));
        if (names === undefined) return;
        expect(join(root, ...names).startsWith(root + sep)).toBe(true);
        expect(join(root, ...names)).toBe([root, ...names].join(sep));
      }),
      { numRuns: 2000 },
    );
  });

  it("lies in the directory also on Windows, under the very names", () => {
    const root = "D:\\some\\dir";
    fc.assert(
      fc.property(key, (each) => {
        const names = fromEither(() => toLocalNames(each, "", "windows"));
        if (names === undefined) return;
        expect(win32.resolve(root, ...names)).toBe([root, ...names].join("\\"));
      }),
      { numRuns: 2000 },
    );
  });
});

/** Nothing for what is refused in a foreseen way. */
function fromEither<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}

describe("two names", () => {
  it("clash where one is a file and the other needs a folder there, and then the first is kept", () => {
    const detect = createFolderDetector();
    const clashing = ["a", "a!", "a!/x", "a-b", "a-b/c", "a/b", "a/c", "a0", "b/a", "b/a/c"].filter(
      (key) => thrownBy(() => detect(key)) !== undefined,
    );
    expect(clashing).toEqual(["a!/x", "a-b/c", "a/b", "a/c", "b/a/c"]);
  });

  it.each([
    ["a", "A"],
    ["x/É", "X/e\u0301"],
    ["straße", "STRASSE"],
  ])("clash where case makes no difference: %s and %s", (one, other) => {
    const detect = createClashDetector(false);
    detect(one);
    detect(one);
    expect(thrownBy(() => detect(other))).toMatchObject({ code: "LocalIo" });
    const careless = createClashDetector(true);
    careless(one);
    expect(thrownBy(() => careless(other))).toBeUndefined();
  });
});
