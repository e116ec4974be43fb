/** Command lines about many files, against the doubles. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RefusedAnswer } from "@s3r/shared";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listingOf } from "./testing/listing-of.ts";
import { runCli, type CliRun } from "./testing/run-cli.ts";
import { storedObject } from "./testing/stored-object.ts";
import { startTestWorld, type TestWorld } from "./testing/test-world.ts";

const REFUSED: RefusedAnswer = {
  status: 403,
  problem: { type: "about:blank", title: "no", status: 403, detail: "no", code: "AccessDenied", requestId: "1" },
};

let test: TestWorld;
let root: string;

beforeEach(async () => {
  test = await startTestWorld();
  root = join(test.directory, "src");
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function s3r(...args: readonly string[]): Promise<CliRun> {
  return await runCli(args, { cwd: test.directory, env: { S3R_ENDPOINT: test.api.endpoint.href } });
}

function write(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), name);
  }
}

function keys(): readonly string[] {
  return [...test.store.objects.keys()].sort();
}

/** Makes the objects, and the listing that shows them. */
function store(prefix: string, ...names: readonly string[]): void {
  for (const name of names) test.store.objects.set(name, storedObject(Buffer.from(name)));
  test.store.listing = listingOf(test.store.objects, prefix);
}

function jsonLines(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line));
}

function batches(): number {
  return test.api.seen.filter(({ target }) => target === "/.s3r/sign").length;
}

function tree(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  const all = readdirSync(directory, { recursive: true, withFileTypes: true });
  return all
    .filter((each) => !each.isDirectory())
    .map((each) => join(each.parentPath, each.name).slice(directory.length + 1))
    .sort();
}

describe("put of many", () => {
  it("puts a directory below a prefix, signed in one go, and sums it up", async () => {
    write("a.txt", "deep/er/b.json", "deep/.hidden");
    const { code, stdout, stderr } = await s3r("put", "-r", root, "site/");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(/put 3 files, 31 B in /u);
    expect(keys()).toEqual(["site/a.txt", "site/deep/.hidden", "site/deep/er/b.json"]);
    expect(test.store.objects.get("site/deep/er/b.json")?.headers["content-type"]).toBe("application/json");
    expect([batches(), test.api.seen.length]).toEqual([1, 1]);
  });

  it("has an object for each file and one for all of them with --json", async () => {
    write("a", "b");
    const { stdout } = await s3r("put", "-r", "--json", root, "to/");
    const lines = jsonLines(stdout);
    expect(lines.slice(0, 2)).toContainEqual(expect.objectContaining({ ok: true, operation: "put", key: "to/a" }));
    expect(lines.at(-1)).toMatchObject({
      ok: true,
      operation: "summary",
      command: "put",
      files: 2,
      failed: 0,
      bytes: 2,
    });
    expect(lines).toHaveLength(3);
  });

  it("expands patterns itself, and leaves out what is excluded", async () => {
    write("x/a.js", "x/deep/b.js", "x/deep/b.css", "y/c.js");
    await s3r("put", join(root, "x/**/*.js"), join(root, "y"), "-r", "to/", "--exclude", "deep");
    expect(keys()).toEqual(["to/a.js", "to/c.js"]);
    await s3r("put", "-r", root, "/", "--include", "*.css");
    expect(keys()).toEqual(["to/a.js", "to/c.js", "x/deep/b.css"]);
  });

  it("goes on after a failure of one, and exits as the first", async () => {
    write("a", "b", "back\\slash");
    symlinkSync("nowhere", join(root, "dangling"));
    execFileSync("sh", ["-c", 'mkfifo "$0"', join(root, "pipe")]);
    test.api.refuseInBatch = ({ target }) => (target === "/to/a" ? REFUSED : undefined);
    const { code, stdout } = await s3r("put", "-r", "--json", root, "to/");
    const errors = jsonLines(stdout).filter(({ ok, operation }) => ok === false && operation !== "summary");
    expect(keys()).toEqual(["to/b"]);
    expect(errors.map(({ error }) => error)).toEqual([
      expect.objectContaining({ code: "Usage" }),
      expect.objectContaining({ code: "NotFound" }),
      expect.objectContaining({ code: "Forbidden" }),
    ]);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ ok: false, files: 1, failed: 3, skipped: 1 });
    expect(code).toBe(2);
  });

  it("does nothing with --dry-run but say what it would do", async () => {
    write("a", "b/c");
    const { code, stdout } = await s3r("put", "-r", "--dry-run", root, "to/");
    expect([code, stdout.split("\n").length - 1]).toEqual([0, 2]);
    expect(stdout).toContain("→ to/b/c (3 B)");
    expect([test.api.seen.length, test.store.seen.length]).toEqual([0, 0]);
  });

  it("works with a bare redirector, one by one", async () => {
    await using bare = await startTestWorld({ bare: true });
    write("a", "b", "c");
    const { code } = await runCli(["put", "-r", root, "to/"], {
      cwd: test.directory,
      env: { S3R_ENDPOINT: bare.api.endpoint.href },
    });
    expect([code, bare.store.objects.size]).toEqual([0, 3]);
  });

  it.each<readonly [string, readonly string[], number]>([
    ["a directory without -r", ["put", "DIR", "to/"], 2],
    ["a directory without a destination", ["put", "-r", "DIR"], 2],
    ["a directory as one key", ["put", "-r", "DIR", "key"], 2],
    ["a destination that no API would sign", ["put", "-r", "DIR", "a/../b/"], 2],
    ["stdin among files", ["put", "-", "DIR/a", "to/"], 2],
    ["a directory that is not there", ["put", "-r", "DIR/missing", "to/"], 3],
    ["a pattern that matches nothing", ["put", "DIR/*.missing", "to/"], 9],
    ["a directory of nothing that is meant", ["put", "-r", "DIR", "to/", "--include", "*.missing"], 9],
  ])("refuses %s, with exit code %#", async (_name, args, expected) => {
    write("a");
    const { code, stderr } = await s3r(...args.map((each) => each.replace("DIR", root)));
    expect([code, test.api.seen.length]).toEqual([expected, 0]);
    expect(stderr).toContain("s3r: error: ");
  });

  it.each([
    ["error", 9, "s3r: error: "],
    ["warn", 0, "s3r: warning: "],
    ["ignore", 0, ""],
  ])("finds nothing, and --if-no-files-found %s says what that means", async (policy, expected, said) => {
    mkdirSync(root);
    const { code, stderr } = await s3r("put", "-r", root, "to/", "--if-no-files-found", policy);
    expect(code).toBe(expected);
    expect(stderr).toContain(said);
  });

  it("gives no two files one key", async () => {
    write("x/a", "y/a", "y/b");
    const { code } = await s3r("put", "-r", join(root, "x"), join(root, "y"), "to/");
    expect([code, keys()]).toEqual([2, ["to/a", "to/b"]]);
    expect(test.store.objects.get("to/a")?.bytes.toString()).toBe("x/a");
  });
});

describe("get -r", () => {
  it("gets all below a prefix, and keeps the names", async () => {
    store("site/", "site/a.txt", "site/deep/b", "site/deep/é 1");
    const { code, stderr } = await s3r("get", "-r", "site/", join(root, "out"));
    expect([code, tree(join(root, "out"))]).toEqual([0, ["a.txt", "deep/b", "deep/é 1"]]);
    expect(readFileSync(join(root, "out/deep/b"), "utf8")).toBe("site/deep/b");
    expect(stderr).toMatch(/got 3 files, /u);
    expect(batches()).toBe(1);
  });

  it("never leaves the directory, whatever the store lists, and gets the rest", async () => {
    const outside = join(test.directory, "outside");
    mkdirSync(outside);
    mkdirSync(root);
    symlinkSync(outside, join(root, "link"));
    store("", "../outside/x", "/etc/x", "a", "a/b", "a\\..\\..\\x", "link/x", "nul\u0001byte", "ok", "n".repeat(300));
    const { code, stdout } = await s3r("get", "-r", "--json", "/", root);
    expect(tree(outside)).toEqual([]);
    expect(tree(root)).toEqual(["a", "link", "ok"]);
    expect(readFileSync(join(root, "a"), "utf8")).toBe("a");
    const summary = jsonLines(stdout).at(-1);
    expect([code, summary]).toEqual([11, expect.objectContaining({ ok: false, files: 2, failed: 7 })]);
    expect(test.store.seen.filter(({ target }) => target.includes("..") || target.includes("etc"))).toEqual([]);
  });

  it("stops at a listing of what was not asked for", async () => {
    store("", "mine/a", "theirs/b");
    const { code } = await s3r("get", "-r", "mine/", root);
    expect([code, existsSync(join(root, "b"))]).toEqual([11, false]);
    expect(test.store.seen.filter(({ target }) => target.includes("theirs"))).toEqual([]);
  });

  it("replaces a link, and not what it leads to", async () => {
    write("target");
    mkdirSync(join(root, "out"));
    symlinkSync(join(root, "target"), join(root, "out", "a"));
    store("p/", "p/a");
    expect((await s3r("get", "-r", "p/", join(root, "out"))).code).toBe(0);
    expect(readFileSync(join(root, "target"), "utf8")).toBe("target");
    expect(readFileSync(join(root, "out/a"), "utf8")).toBe("p/a");
  });

  it("replaces nothing with --no-clobber, and leaves out what is excluded", async () => {
    write("a");
    store("p/", "p/a", "p/b", "p/c");
    const { code } = await s3r("get", "-r", "p/", root, "--no-clobber", "--exclude", "c");
    expect([code, tree(root), readFileSync(join(root, "a"), "utf8")]).toEqual([6, ["a", "b"], "a"]);
  });

  it("skips what consoles make for empty folders", async () => {
    test.store.objects.set("p/x/", storedObject(Buffer.alloc(0)));
    store("p/", "p/a");
    const { code, stderr } = await s3r("get", "-r", "p/", root);
    expect([code, tree(root)]).toEqual([0, ["a"]]);
    expect(stderr).toContain("skipped p/x/");
  });

  it.each([
    ["a prefix without its /", ["get", "-r", "p", "DIR"], 2],
    ["no directory", ["get", "-r", "p/"], 2],
    ["stdout", ["get", "-r", "p/", "-"], 2],
    ["patterns without -r", ["get", "p/a", "--include", "x"], 2],
  ])("refuses %s", async (_name, args, expected) => {
    const { code } = await s3r(...args.map((each) => each.replace("DIR", root)));
    expect([code, test.api.seen.length]).toEqual([expected, 0]);
  });

  it("makes no file and no directory with --dry-run", async () => {
    store("p/", "p/a");
    const { code, stdout } = await s3r("get", "-r", "p/", root, "--dry-run");
    expect([code, stdout, existsSync(root)]).toEqual([0, `would get p/a → ${join(root, "a")} (3 B)\n`, false]);
    const single = await s3r("get", "p/a", "--dry-run");
    expect([single.code, single.stdout]).toEqual([0, "would get p/a → a\n"]);
  });
});

describe("rm of many", () => {
  it("deletes all below a prefix when it is forced to, and nothing otherwise", async () => {
    store("p/", "p/a", "p/b/c");
    const { code, stderr } = await s3r("rm", "-r", "p/");
    expect([code, test.store.objects.size, test.api.seen.length]).toEqual([2, 2, 0]);
    expect(stderr).toContain("--force");
    expect((await s3r("rm", "-r", "--force", "p/")).stderr).toMatch(/^deleted 2 objects in /mu);
    expect(keys()).toEqual([]);
  });

  it("deletes nothing else, whatever the store lists", async () => {
    store("", "q/a");
    test.store.listing = listingOf(test.store.objects, "p/");
    expect((await s3r("rm", "-r", "--force", "p/")).code).toBe(11);
    expect(keys()).toEqual(["q/a"]);
  });

  it("deletes what is chosen, and with --dry-run says so", async () => {
    store("p/", "p/a.log", "p/b.txt");
    const { stdout } = await s3r("rm", "-r", "--dry-run", "p/", "--include", "*.log");
    expect([stdout, keys()]).toEqual(["would delete p/a.log\n", ["p/a.log", "p/b.txt"]]);
    await s3r("rm", "-r", "--force", "p/", "--include", "*.log");
    expect(keys()).toEqual(["p/b.txt"]);
  });

  it("takes several keys in one go", async () => {
    store("", "a", "b", "c");
    const { stderr } = await s3r("rm", "a", "b", "missing");
    expect([keys(), batches()]).toEqual([["c"], 1]);
    expect(stderr).toContain("deleted a\n");
  });

  it("says that nothing was there", async () => {
    store("");
    expect((await s3r("rm", "-r", "--force", "p/")).code).toBe(9);
    expect((await s3r("rm", "-r", "--force", "p/", "--if-no-files-found", "ignore")).code).toBe(0);
  });
});

describe("sync", () => {
  it("puts what differs and nothing else", async () => {
    write("same", "sized", "new", "other");
    store("p/", "p/gone");
    test.store.objects.set("p/same", storedObject(Buffer.from("same")));
    test.store.objects.set("p/sized", storedObject(Buffer.from("SIZED")));
    test.store.objects.set("p/other", storedObject(Buffer.from("longer than that")));
    test.store.listing = listingOf(test.store.objects, "p/");
    const { code, stdout } = await s3r("sync", "--json", root, "p/");
    expect([code, jsonLines(stdout).at(-1)]).toEqual([0, expect.objectContaining({ files: 3, unchanged: 1 })]);
    expect(keys()).toEqual(["p/gone", "p/new", "p/other", "p/same", "p/sized"]);
    expect(test.store.objects.get("p/sized")?.bytes.toString()).toBe("sized");
    expect(test.store.objects.get("p/sized")?.headers["x-amz-meta-mtime"]).toMatch(/^\d+\.\d{6}$/u);
  });

  it("asks for the checksum where the ETag is no MD5, and believes the time of modification where there is none", async () => {
    write("crc", "time", "built", "neither");
    const mtime = (name: string): string =>
      Number(execFileSync("stat", ["-c", "%.9Y", join(root, name)]).toString()).toFixed(6);
    const multipart = '"0123456789abcdef0123456789abcdef-2"';
    const md5 = '"0123456789abcdef0123456789abcdef"';
    const put = (name: string, content: string, etag: string, headers: Readonly<Record<string, string>>): void =>
      void test.store.objects.set(`p/${name}`, { bytes: Buffer.from(content), etag, headers });
    put("crc", "crc", multipart, storedObject(Buffer.from("crc")).headers);
    put("time", "tame", multipart, { "x-amz-meta-mtime": mtime("time") });
    // Of one size and one time, as builds make them.
    put("built", "BUILT", md5, { "x-amz-meta-mtime": mtime("built") });
    put("neither", "NEITHER", multipart, {});
    test.store.listing = listingOf(test.store.objects, "p/");
    const { stdout } = await s3r("sync", "--json", root, "p/");
    expect(jsonLines(stdout).at(-1)).toMatchObject({ ok: true, files: 2, unchanged: 2 });
    const stored = (name: string): string | undefined => test.store.objects.get(`p/${name}`)?.bytes.toString();
    expect([stored("built"), stored("neither"), stored("time")]).toEqual(["built", "neither", "tame"]);
    expect(test.store.seen.filter(({ method }) => method === "HEAD")).toHaveLength(4);
  });

  it("deletes on request, at last, and only when all else went well", async () => {
    write("a");
    store("p/", "p/a", "p/gone");
    symlinkSync("nowhere", join(root, "dangling"));
    expect((await s3r("sync", "--delete", root, "p/")).code).toBe(3);
    expect(keys()).toEqual(["p/a", "p/gone"]);
    const { stdout } = await s3r(
      "sync",
      "--delete",
      "--dry-run",
      root,
      "p/",
      "--exclude",
      "dangling",
      "--no-follow-symlinks",
    );
    expect([stdout, keys()]).toEqual([expect.stringContaining("would delete p/gone"), ["p/a", "p/gone"]]);
    expect((await s3r("sync", "--delete", root, "p/", "--no-follow-symlinks")).code).toBe(0);
    expect(keys()).toEqual(["p/a"]);
  });

  it("deletes nothing for the sake of a directory that is empty, or of what is excluded", async () => {
    mkdirSync(root);
    store("p/", "p/a", "p/keep.log");
    expect((await s3r("sync", "--delete", root, "p/")).code).toBe(9);
    expect(keys()).toEqual(["p/a", "p/keep.log"]);
    const allowed = ["--if-no-files-found", "ignore", "--exclude", "*.log"];
    expect((await s3r("sync", "--delete", root, "p/", ...allowed)).code).toBe(0);
    expect(keys()).toEqual(["p/keep.log"]);
  });

  it("goes down, and deletes files on request, but none that a link leads to", async () => {
    write("same", "old", "deep/extra", "../outside/safe");
    symlinkSync(join(test.directory, "outside"), join(root, "link"));
    test.store.objects.set("p/same", storedObject(Buffer.from("same")));
    test.store.objects.set("p/old", storedObject(Buffer.from("new")));
    test.store.objects.set("p/deep/new", storedObject(Buffer.from("x")));
    test.store.listing = listingOf(test.store.objects, "p/");
    const { code, stdout } = await s3r("sync", "--down", "--delete", "--json", "p/", root);
    expect([code, jsonLines(stdout).at(-1)]).toEqual([
      0,
      expect.objectContaining({ files: 2, unchanged: 1, deleted: 1, skipped: 1 }),
    ]);
    expect(tree(root)).toEqual(["deep/new", "link", "link/safe", "old", "same"]);
    expect(readFileSync(join(root, "old"), "utf8")).toBe("new");
    expect(tree(join(test.directory, "outside"))).toEqual(["safe"]);
  });

  it("cannot be done with a listing that is in no order", async () => {
    write("a");
    store("p/", "p/a", "p/b");
    test.store.listing = test.store.listing.replace("p/a", "p/c");
    expect((await s3r("sync", root, "p/")).code).toBe(11);
  });

  it.each([
    ["a directory that is none", ["sync", "DIR/missing", "p/"]],
    ["a prefix without its /", ["sync", "DIR", "p"]],
    ["both directions", ["sync", "--up", "--down", "DIR", "p/"]],
    ["no directory", ["sync", "--down", "p/", ""]],
  ])("refuses %s", async (_name, args) => {
    write("a");
    const { code } = await s3r(...args.map((each) => each.replace("DIR", root)));
    expect([code, test.api.seen.length]).toEqual([2, 0]);
  });
});
