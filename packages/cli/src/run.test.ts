/** Command lines against the doubles: exit codes, and what goes to which stream. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RefusedAnswer } from "@s3r/shared";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli, type CliRun } from "./testing/run-cli.ts";
import { storedObject } from "./testing/stored-object.ts";
import { startTestWorld, type TestWorld } from "./testing/test-world.ts";

const LISTED =
  "<Contents><Key>secret/docs/a&amp;b</Key><Size>5</Size><LastModified>2026-11-23T08:00:00.000Z</LastModified></Contents>";

const REFUSED: RefusedAnswer = {
  status: 403,
  problem: { type: "about:blank", title: "no", status: 403, detail: "no", code: "AccessDenied", requestId: "1" },
};

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function s3r(...args: readonly string[]): Promise<CliRun> {
  return await runCli(args, { cwd: test.directory, env: { S3R_ENDPOINT: test.api.endpoint.href } });
}

function at(name: string): string {
  return join(test.directory, name);
}

async function writeFiles(...names: readonly string[]): Promise<string[]> {
  for (const name of names) await writeFile(at(name), name);
  return names.map(at);
}

function stored(key: string): string | undefined {
  return test.store.objects.get(key)?.bytes.toString();
}

function jsonLines(text: string): unknown[] {
  const lines = text.trimEnd().split("\n");
  return lines.map((line): unknown => JSON.parse(line));
}

function jsonError(code: string, exitCode: number): unknown {
  return expect.objectContaining({ ok: false, error: expect.objectContaining({ code, exitCode }) });
}

describe("put", () => {
  it("puts several files under a destination that ends in /, and tells them one by one", async () => {
    const { code, stdout, stderr } = await s3r("put", "--json", ...(await writeFiles("a.txt", "b.json")), "docs/");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect([stored("docs/a.txt"), stored("docs/b.json")]).toEqual(["a.txt", "b.json"]);
    expect(test.store.objects.get("docs/b.json")?.headers["content-type"]).toBe("application/json");
    const objects = jsonLines(stdout);
    expect(objects).toHaveLength(2);
    expect(objects).toContainEqual(
      expect.objectContaining({ ok: true, operation: "put", key: "docs/a.txt", bytes: 5 }),
    );
  });

  it("names the object as the file without a destination, and as told with one", async () => {
    const files = await writeFiles("a.bin");
    await s3r("put", ...files);
    await s3r("put", "--content-type", "text/x-made-up", "--metadata", "A=1", "--metadata", "b=", ...files, "deep/key");
    expect(test.store.objects.get("a.bin")?.headers["content-type"]).toBe("application/octet-stream");
    const headers = test.store.objects.get("deep/key")?.headers;
    expect(headers).toMatchObject({ "content-type": "text/x-made-up", "x-amz-meta-a": "1", "x-amz-meta-b": "" });
  });

  it.each<readonly [string, readonly string[]]>([
    ["a directory", ["put", "DIR/x"]],
    ["several files for one key", ["put", "DIR/a", "DIR/b", "key"]],
    ["two files of one name", ["put", "DIR/a", "DIR/x/a", "to/"]],
    ["stdin without a key", ["put", "-", "dir/"]],
    ["a key that HTTP clients would change", ["put", "DIR/a", "x/../y"]],
    ["a reserved key", ["put", "DIR/a", ".s3r/sign"]],
    ["metadata that no header holds", ["put", "--metadata", "a=\u00e9", "DIR/a", "k"]],
    ["a type that would end its header", ["put", "--content-type", "a/b\r\nx: y", "DIR/a", "k"]],
    ["an option that there is none of", ["put", "--clobber", "DIR/a"]],
    ["a file that has no size", ["put", "/dev/zero", "k"]],
    ["JSON beside an object on stdout", ["get", "--json", "k", "-"]],
    ["a URL for what has none", ["url", "list", "k"]],
    ["no verb that it knows", ["list"]],
  ])("refuses %s before any request", async (_, args) => {
    await mkdir(at("x"));
    await writeFiles("a", "b", "x/a");
    const { code, stdout, stderr } = await s3r(...args.map((each) => each.replace("DIR", test.directory)));
    expect({ code, stdout: args.includes("--json") ? "" : stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr + stdout).toMatch(/^s3r: error: .+\n {2}because: .+\n {2}try: .+\n$|^\{"ok":false,.*\}\n$/u);
    expect(test.api.seen).toEqual([]);
  });

  it("moves no byte when one of the files is not there", async () => {
    const { code, stderr } = await s3r("put", ...(await writeFiles("a")), at("missing"), "to/");
    expect(code).toBe(3);
    expect(stderr).toContain("missing");
    expect(test.api.seen).toEqual([]);
  });

  it("tries all files, and exits as the first that failed", async () => {
    test.api.refuseInBatch = ({ target }) => (target === "/to/a" ? REFUSED : undefined);
    const { code, stdout } = await s3r("put", "--json", ...(await writeFiles("a", "b")), "to/");
    expect(code).toBe(5);
    expect(test.store.objects.size).toBe(1);
    expect(jsonLines(stdout)).toContainEqual(jsonError("Forbidden", 5));
  });
});

describe("get", () => {
  it("keeps the name in a directory and behind a /", async () => {
    test.store.objects.set("deep/name.txt", storedObject(Buffer.from("hello")));
    await mkdir(at("dir"));
    for (const destination of ["dir", "dir/"])
      expect((await s3r("get", "deep/name.txt", at(destination) + (destination.endsWith("/") ? "/" : ""))).code).toBe(
        0,
      );
    expect(await readdir(at("dir"))).toEqual(["name.txt"]);
    expect(await readFile(at("dir/name.txt"), "utf8")).toBe("hello");
  });

  it("writes the object to stdout and all else to stderr", async () => {
    test.store.objects.set("k", storedObject(Buffer.from("hello")));
    const { code, stdout, stderr } = await s3r("get", "k", "-");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "hello" });
    expect(stderr).toMatch(/^k .*\n/u);
    expect(await s3r("get", "-q", "k", "-")).toEqual({ code: 0, stdout: "hello", stderr: "" });
  });

  it("tells an object that is not there from all other errors, as JSON too", async () => {
    const { code, stdout, stderr } = await s3r("get", "--json", "absent", at("target"));
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    expect(jsonLines(stdout)).toEqual([jsonError("NotFound", 3)]);
    expect(await readdir(test.directory)).toEqual([]);
  });

  it("replaces no file with --no-clobber", async () => {
    test.store.objects.set("k", storedObject(Buffer.from("hello")));
    await writeFiles("k");
    expect((await s3r("get", "--no-clobber", "k", at("k"))).code).toBe(6);
    expect(await readFile(at("k"), "utf8")).toBe("k");
  });
});

describe("rm", () => {
  it("deletes several keys, also one that is not there", async () => {
    test.store.objects.set("a b", storedObject(Buffer.from("hello")));
    const { code, stdout } = await s3r("rm", "a b", "absent");
    expect({ code, stdout, left: test.store.objects.size }).toEqual({ code: 0, stdout: "", left: 0 });
  });
});

describe("ls", () => {
  it("lists without the deployment's prefix", async () => {
    test.store.listing = `<ListBucketResult><Prefix>secret/docs/</Prefix>${LISTED}<CommonPrefixes><Prefix>secret/docs/d/</Prefix></CommonPrefixes></ListBucketResult>`;
    const { code, stdout } = await s3r("ls", "docs/");
    expect(code).toBe(0);
    expect(stdout).toBe("                                  docs/d/\n       5 B  2026-11-23T08:00:00Z  docs/a&b\n");
    expect(test.api.seen[0]?.target).toBe("/docs/?list-type=2&delimiter=%2F");
  });

  it("follows the pages, and not for ever", async () => {
    test.store.listing = `<ListBucketResult>${LISTED}<NextContinuationToken>a+b/=</NextContinuationToken></ListBucketResult>`;
    const { code, stdout } = await s3r("ls", "--json", "-r");
    expect(code).toBe(11);
    expect(jsonLines(stdout)).toContainEqual(expect.objectContaining({ ok: true, key: "secret/docs/a&b", size: 5 }));
    expect(test.api.seen.map(({ target }) => target)).toEqual([
      "/?list-type=2",
      "/?list-type=2&continuation-token=a%2Bb%2F%3D",
    ]);
  });

  it("says by its exit code that no key begins so; that there is none at all is no error", async () => {
    test.store.listing = "<ListBucketResult><Prefix>nope</Prefix></ListBucketResult>";
    expect((await s3r("ls", "nope")).code).toBe(9);
    expect((await s3r("ls")).code).toBe(0);
  });
});

describe("stat", () => {
  it("shows what the store knows of an object", async () => {
    test.store.objects.set("k", storedObject(Buffer.from("hello"), { "x-amz-meta-commit": "4f2a\u009b31m" }));
    const { code, stdout } = await s3r("stat", "--json", "k");
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toEqual([expect.objectContaining({ size: 5, metadata: { commit: "4f2a\u009b31m" } })]);
    expect((await s3r("stat", "k")).stdout).toContain("metadata commit: 4f2a\\x9b31m\n");
  });
});

describe("url", () => {
  it("prints the URL and nothing else", async () => {
    const { code, stdout, stderr } = await s3r("url", "put", "a b");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^http:\/\/localhost:\d+\/bucket\/a%20b\?X-Amz-\S+\n$/u);
    expect(test.store.seen).toEqual([]);
  });

  it("says with --json what has to be sent with it", async () => {
    const { stdout } = await s3r("url", "--json", "put", "--size", "5", "--content-type", "a/b", "k");
    const headers = { "content-length": "5", "content-type": "a/b" };
    expect(jsonLines(stdout)).toEqual([expect.objectContaining({ method: "PUT", headers, expiresIn: 300 })]);
  });
});

describe("s3r", () => {
  it("without an endpoint says how to set one", async () => {
    const { code, stderr } = await runCli(["ls"], { cwd: test.directory });
    expect(code).toBe(2);
    expect(stderr).toMatch(/no endpoint is set[^]*S3R_ENDPOINT/u);
  });

  it("shows what happens with -v, and no secret of it", async () => {
    const endpoint = test.api.endpoint.href.replace("//", "//user:t0p-s3cret@");
    test.store.objects.set("k", storedObject(Buffer.from("hello")));
    const { code, stderr } = await s3r("get", "-v", "--endpoint", endpoint, "k", at("target"));
    expect(code).toBe(0);
    expect(stderr).toContain("GET http://localhost:");
    expect(stderr).not.toMatch(/t0p-s3cret|X-Amz-|Basic/u);
    const authorization = `Basic ${Buffer.from("user:t0p-s3cret").toString("base64")}`;
    expect(test.api.seen[0]?.headers["authorization"]).toBe(authorization);
  });

  it("speaks with this machine directly, whatever proxies the environment names", async () => {
    const proxy = "http://127.0.0.1:1";
    const env = { S3R_ENDPOINT: test.api.endpoint.href, HTTP_PROXY: proxy, https_proxy: proxy };
    expect(await runCli(["rm", "-q", "k"], { cwd: test.directory, env })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("says nothing about itself with -q, and errors all the same", async () => {
    const files = await writeFiles("a");
    expect(await s3r("put", "-q", ...files)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await s3r("get", "-q", "absent", at("b"))).stderr).toContain("absent");
  });

  it("shows a plain line of progress at the start and at the end where no cursor can go back", async () => {
    const { stderr } = await s3r("put", ...(await writeFiles("a")));
    expect(stderr.split("\n")).toEqual([
      expect.stringMatching(/a 0% 0 B of \d+ B/u),
      expect.stringMatching(/a 100% \d+ B of \d+ B/u),
      expect.stringContaining("→ a ("),
      "",
    ]);
    expect((await s3r("put", "--no-progress", at("a"))).stderr).not.toContain("%");
  });

  it("shows help and its version", async () => {
    expect(await s3r("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("Exit codes:") });
    expect(await s3r("put", "--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("<src...> [dst]") });
    expect(await s3r("--version")).toEqual({ code: 0, stdout: "1.2.3\n", stderr: "" });
    expect(await s3r()).toMatchObject({ code: 2, stdout: "" });
  });
});
