import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { thrownBy } from "../testing/thrown-by.ts";
import { openDownloadDirectory } from "./download-directory.ts";

let root: string;
let directory: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "s3r-down-"));
  directory = join(root, "in", "here");
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const POSIX = { prefix: "p/", platform: "posix" } as const;

describe("a directory to download into", () => {
  it("is made, with the folders that keys need, and leaves nothing else behind", () => {
    const into = openDownloadDirectory(directory, POSIX);
    into.makeRoomFor("p/a/b/file");
    into.makeRoomFor("p/a/b/other");
    expect(into.pathFor("p/a/b/file")).toBe(join(directory, "a", "b", "file"));
    expect(readdirSync(directory, { recursive: true })).toEqual(["a", join("a", "b")]);
  });

  it("is not left through a link that lies in it", () => {
    mkdirSync(directory, { recursive: true });
    mkdirSync(join(root, "outside"));
    symlinkSync(join(root, "outside"), join(directory, "link"));
    const into = openDownloadDirectory(directory, POSIX);
    expect(thrownBy(() => into.makeRoomFor("p/link/x"))).toMatchObject({ code: "LocalIo" });
    expect(thrownBy(() => into.makeRoomFor("p/link/deep/x"))).toMatchObject({ code: "LocalIo" });
    expect(existsSync(join(root, "outside", "deep"))).toBe(false);
  });

  it("may be a link itself", () => {
    mkdirSync(join(root, "real"));
    symlinkSync(join(root, "real"), join(root, "in"));
    openDownloadDirectory(directory, POSIX).makeRoomFor("p/a/x");
    expect(existsSync(join(root, "real", "here", "a"))).toBe(true);
  });

  it("has no folder where a file is", () => {
    const into = openDownloadDirectory(directory, POSIX);
    writeFileSync(into.pathFor("p/a"), "");
    expect(thrownBy(() => into.makeRoomFor("p/a/b"))).toMatchObject({ code: "LocalIo" });
  });

  it("refuses the second of two keys where case makes no difference", () => {
    const into = openDownloadDirectory(directory, { ...POSIX, isCaseSensitive: false });
    into.pathFor("p/Read.me");
    expect(thrownBy(() => into.pathFor("p/read.ME"))).toMatchObject({ code: "LocalIo" });
  });

  it("cannot be where a file is", () => {
    writeFileSync(join(root, "in"), "");
    expect(thrownBy(() => openDownloadDirectory(directory, POSIX))).toMatchObject({ code: "LocalIo" });
  });
});
