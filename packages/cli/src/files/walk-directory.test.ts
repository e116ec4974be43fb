import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compareKeys } from "./compare-keys.ts";
import { walkDirectory, type Walked } from "./walk-directory.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "s3r-walk-"));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), name);
  }
}

function walk(followsLinks = true, enters: (folder: string) => boolean = () => true): readonly Walked[] {
  return [...walkDirectory(root, { followsLinks, enters })];
}

function files(walked: readonly Walked[]): readonly string[] {
  return walked.flatMap((each) => (each.kind === "file" ? [each.relative] : []));
}

function others(walked: readonly Walked[]): readonly (readonly [string, string])[] {
  return walked.flatMap((each) => {
    if (each.kind === "file") return [];
    return [[each.path.slice(root.length + 1), each.kind === "failed" ? each.error.code : each.reason] as const];
  });
}

describe("walkDirectory", () => {
  it("finds all files in the order of listings, and nothing in empty directories", () => {
    write("b", "a.txt", "a/z", "a/b/c", "a-b", "é", "\u{1F600}", "\uFFFC");
    mkdirSync(join(root, "empty"));
    const found = files(walk());
    expect(found).toEqual(["a-b", "a.txt", "a/b/c", "a/z", "b", "é", "\uFFFC", "\u{1F600}"]);
    expect(found.toSorted(compareKeys)).toEqual(found);
  });

  it("enters only the folders that it is told to", () => {
    write("a/x", "b/x", "b/c/x");
    const asked: string[] = [];
    const found = walk(true, (folder) => asked.push(folder) > 0 && folder !== "b/c");
    expect([files(found), asked]).toEqual([
      ["a/x", "b/x"],
      ["a", "b", "b/c"],
    ]);
  });

  it("follows links to files and folders, but round in no circle", () => {
    write("real/x");
    symlinkSync("real", join(root, "link"));
    symlinkSync("real/x", join(root, "y"));
    symlinkSync("..", join(root, "real", "up"));
    const found = walk();
    expect(files(found)).toEqual(["link/x", "real/x", "y"]);
    expect(others(found)).toEqual([
      ["link/up", "it is a link to a folder that it lies in"],
      ["real/up", "it is a link to a folder that it lies in"],
    ]);
  });

  it("skips links when they are not to be followed, also those that lead out", () => {
    write("x");
    symlinkSync("/", join(root, "out"));
    const found = walk(false);
    expect([files(found), others(found)]).toEqual([["x"], [["out", "it is a link"]]]);
  });

  it("tells what cannot be read, skips what is no file, and goes on", () => {
    write("a", "z");
    symlinkSync("nowhere", join(root, "dangling"));
    symlinkSync("self", join(root, "self"));
    execFileSync("sh", ["-c", 'mkfifo "$0"', join(root, "pipe")]);
    const found = walk();
    expect(files(found)).toEqual(["a", "z"]);
    expect(others(found)).toEqual([
      ["dangling", "NotFound"],
      ["pipe", "it is no regular file"],
      ["self", "LocalIo"],
    ]);
  });

  it.runIf(process.platform === "linux")("tells names that are no UTF-8, beside those that look the same", () => {
    write("\uFFFD", "a");
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff])]), "");
    const found = walk();
    expect([files(found), others(found)]).toEqual([["a", "\uFFFD"], [["bad-\uFFFD", "LocalIo"]]]);
  });

  it("tells a directory that is not there", () => {
    const [only, ...rest] = walkDirectory(join(root, "missing"), { followsLinks: true, enters: () => true });
    expect([only, rest]).toMatchObject([{ kind: "failed", error: { code: "NotFound" } }, []]);
  });
});
