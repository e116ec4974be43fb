import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { thrownBy } from "../testing/thrown-by.ts";
import { openSmallFileTarget } from "./small-file-target.ts";

let root: string;
let path: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "s3r-small-"));
  path = join(root, "file");
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

describe("a small file that is downloaded", () => {
  it("is there when it is whole, and not before", async () => {
    writeFileSync(path, "old");
    const target = openSmallFileTarget(path, false);
    await target.write(Buffer.from("12"));
    await target.write(Buffer.from("3"));
    expect(readFileSync(path, "utf8")).toBe("old");
    await target.commit();
    await target.discard();
    expect([readFileSync(path, "utf8"), readdirSync(root)]).toEqual(["123", ["file"]]);
  });

  it("begins anew, and leaves nothing behind when it is given up", async () => {
    const target = openSmallFileTarget(path, false);
    await target.write(Buffer.from("wrong and longer"));
    target.restart();
    await target.write(Buffer.from("right"));
    await target.commit();
    expect(readFileSync(path, "utf8")).toBe("right");
    const other = openSmallFileTarget(path, false);
    await other.write(Buffer.from("x"));
    await other.discard();
    expect([readFileSync(path, "utf8"), readdirSync(root)]).toEqual(["right", ["file"]]);
  });

  it("replaces nothing when told so, also not what has appeared meanwhile", async () => {
    const target = openSmallFileTarget(path, true);
    writeFileSync(path, "theirs");
    await expect(async () => await target.commit()).rejects.toMatchObject({ code: "PreconditionFailed" });
    await target.discard();
    expect(thrownBy(() => openSmallFileTarget(path, true))).toMatchObject({ code: "PreconditionFailed" });
    expect([readFileSync(path, "utf8"), readdirSync(root)]).toEqual(["theirs", ["file"]]);
    const other = openSmallFileTarget(join(root, "other"), true);
    await other.commit();
    expect(existsSync(join(root, "other"))).toBe(true);
  });

  it("takes the place of a link, and of no directory", async () => {
    mkdirSync(join(root, "dir"));
    expect(thrownBy(() => openSmallFileTarget(join(root, "dir"), false))).toMatchObject({ code: "LocalIo" });
    expect(thrownBy(() => openSmallFileTarget("/dev/null", false))).toMatchObject({ code: "LocalIo" });
    expect(thrownBy(() => openSmallFileTarget(join(root, "missing", "x"), false))).toMatchObject({ code: "LocalIo" });
    symlinkSync(join(root, "dir"), path);
    await openSmallFileTarget(path, false).commit();
    expect(readFileSync(path, "utf8")).toBe("");
  });
});
