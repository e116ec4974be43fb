/** The program as people and scripts run it: exit codes, what goes to which stream, signals. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runBin, type Ran, type RunOptions } from "./testing/run-bin.ts";
import { storedObject } from "./testing/stored-object.ts";
import { startTestWorld, type TestWorld } from "./testing/test-world.ts";

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function s3r(args: readonly string[], options: Partial<RunOptions> = {}): Promise<Ran> {
  return await runBin(args, { endpoint: test.api.endpoint, cwd: test.directory, ...options });
}

function stored(key: string): string | undefined {
  return test.store.objects.get(key)?.bytes.toString();
}

function jsonLines(text: string): unknown[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
}

describe("put", () => {
  it("puts several files under a destination that ends in /, and tells them one by one", async () => {
    await writeFile(join(test.directory, "a.txt"), "a");
    await writeFile(join(test.directory, "b.json"), "{}");
    const { code, stdout, stderr } = await s3r(["put", "--json", "a.txt", "b.json", "docs/"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect([stored("docs/a.txt"), stored("docs/b.json")]).toEqual(["a", "{}"]);
    expect(test.store.objects.get("docs/b.json")?.headers["content-type"]).toBe("application/json");
    const objects = jsonLines(stdout);
    expect(objects).toHaveLength(2);
    expect(objects).toContainEqual(
      expect.objectContaining({ ok: true, operation: "put", key: "docs/a.txt", bytes: 1 }),
    );
  });

  it("puts stdin, and a file that is redirected to it from where it stands", async () => {
    expect(await s3r(["put", "-", "piped", "-q"], { input: "from a pipe" })).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
    expect(stored("piped")).toBe("from a pipe");
  });

  it.each<readonly [string, readonly string[]]>([
    ["a directory", ["put", "."]],
    ["several files for one key", ["put", "a", "b", "key"]],
    ["two files of one name", ["put", "a", "x/a", "to/"]],
    ["stdin without a key", ["put", "-", "dir/"]],
    ["a key that HTTP would change", ["put", "a", "x/../y"]],
    ["metadata that no header holds", ["put", "--metadata", "a=\u00e9", "a", "k"]],
    ["a type that would end the header", ["put", "--content-type", "a/b\r\nx: y", "a", "k"]],
    ["an option that there is none of", ["put", "--clobber", "a"]],
  ])("refuses %s before any request", async (_, args) => {
    await mkdir(join(test.directory, "x"));
    for (const name of ["a", "b", "x/a"]) await writeFile(join(test.directory, name), name);
    const { code, stdout, stderr } = await s3r(args);
    expect({ code, stdout, seen: test.api.seen }).toEqual({ code: 2, stdout: "", seen: [] });
    expect(stderr).toMatch(/^s3r: error: .+\n {2}because: .+\n {2}try: .+\n$/u);
  });

  it("moves no byte when one of the files is not there", async () => {
    await writeFile(join(test.directory, "a"), "a");
    const { code, stderr } = await s3r(["put", "a", "missing", "to/"]);
    expect(code).toBe(3);
    expect(stderr).toContain("missing");
    expect(test.api.seen).toEqual([]);
  });

  it("tries all files, and exits as the first that failed", async () => {
    for (const name of ["a", "b"]) await writeFile(join(test.directory, name), name);
    test.api.answerNext({ status: 403, body: "no" });
    const { code, stdout } = await s3r(["put", "--json", "a", "b", "to/"]);
    expect(code).toBe(5);
    expect(test.store.objects.size).toBe(1);
    expect(jsonLines(stdout)).toContainEqual(
      expect.objectContaining({ ok: false, error: expect.objectContaining({ code: "Forbidden", exitCode: 5 }) }),
    );
  });
});

describe("get", () => {
  it("keeps the name without a destination, in a directory and behind a /", async () => {
    test.store.objects.set("deep/name.txt", storedObject(Buffer.from("hello")));
    await mkdir(join(test.directory, "dir"));
    for (const args of [[], ["dir"], ["dir/"]]) expect((await s3r(["get", "deep/name.txt", ...args])).code).toBe(0);
    expect(await readFile(join(test.directory, "name.txt"), "utf8")).toBe("hello");
    expect(await readdir(join(test.directory, "dir"))).toEqual(["name.txt"]);
  });

  it("writes the object to stdout and all else to stderr", async () => {
    test.store.objects.set("k", storedObject(Buffer.from("hello")));
    const { code, stdout, stderr } = await s3r(["get", "k", "-"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "hello" });
    expect(stderr).toMatch(/^k .*\n/u);
    expect((await s3r(["get", "-q", "k", "-"])).stderr).toBe("");
  });

  it("is quiet when nobody reads any more", async () => {
    test.store.objects.set("k", storedObject(Buffer.alloc(4 * 1024 * 1024)));
    const { code, stderr } = await s3r(["get", "-q", "k", "-"], { started: (child) => child.stdout?.destroy() });
    expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("leaves nothing behind at %s", async (signal, expected) => {
    test.store.objects.set("k", storedObject(Buffer.from("hello")));
    test.store.failNext("stall");
    const { code } = await s3r(["get", "-q", "k", "target"], {
      started: (child) => {
        const timer = setInterval(() => {
          if (test.store.seen.length === 0) return;
          clearInterval(timer);
          child.kill(signal);
        }, 10);
      },
    });
    expect(code).toBe(expected);
    expect(await readdir(test.directory)).toEqual([]);
  });

  it("tells an object that is not there from all other errors, as JSON too", async () => {
    const { code, stdout, stderr } = await s3r(["get", "--json", "absent", "target"]);
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    expect(jsonLines(stdout)).toEqual([
      expect.objectContaining({ ok: false, error: expect.objectContaining({ code: "NotFound", exitCode: 3 }) }),
    ]);
  });
});

describe("rm, ls, stat and url", () => {
  it("deletes several keys, also one that is not there", async () => {
    test.store.objects.set("a b", storedObject(Buffer.from("hello")));
    expect((await s3r(["rm", "a b", "absent"])).code).toBe(0);
    expect(test.store.objects.size).toBe(0);
  });

  it("lists without the deployment's prefix", async () => {
    const object =
      "<Contents><Key>secret/docs/a&amp;b</Key><Size>5</Size><LastModified>2026-11-23T08:00:00.000Z</LastModified></Contents>";
    test.store.listing = `<ListBucketResult><Prefix>secret/docs/</Prefix>${object}</ListBucketResult>`;
    const { code, stdout } = await s3r(["ls", "docs/"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "       5 B  2026-11-23T08:00:00Z  docs/a&b\n" });
    expect(test.api.seen[0]?.target).toBe("/docs/?list-type=2&delimiter=%2F");
  });

  it("says by its exit code that no key begins so", async () => {
    test.store.listing = "<ListBucketResult><Prefix>nope</Prefix></ListBucketResult>";
    expect((await s3r(["ls", "nope"])).code).toBe(9);
    expect((await s3r(["ls"])).code).toBe(0);
  });

  it("shows what the store knows of an object", async () => {
    test.store.objects.set("k", storedObject(Buffer.from("hello"), { "x-amz-meta-commit": "4f2a" }));
    const { code, stdout } = await s3r(["stat", "--json", "k"]);
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toEqual([expect.objectContaining({ size: 5, metadata: { commit: "4f2a" } })]);
  });

  it("prints the URL and nothing else", async () => {
    const { code, stdout, stderr } = await s3r(["url", "put", "a b"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^http:\/\/localhost:\d+\/bucket\/a%20b\?X-Amz-\S+\n$/u);
    expect(test.store.seen).toEqual([]);
  });
});

describe("s3r", () => {
  it("without an endpoint says how to set one", async () => {
    const { code, stderr } = await runBin(["ls"], { cwd: test.directory });
    expect(code).toBe(2);
    expect(stderr).toMatch(/no endpoint is set[^]*S3R_ENDPOINT/u);
  });

  it("shows what happens with -v, and no secret of it", async () => {
    const endpoint = new URL(test.api.endpoint);
    endpoint.username = "user";
    endpoint.password = "t0p-s3cret";
    test.store.objects.set("k", storedObject(Buffer.from("hello")));
    const { code, stderr } = await s3r(["get", "-v", "k", "target"], { endpoint });
    expect(code).toBe(0);
    expect(stderr).toContain("GET http://localhost:");
    expect(stderr).not.toMatch(/t0p-s3cret|X-Amz-|Basic/u);
    expect(test.api.seen[0]?.headers["authorization"]).toBe(
      `Basic ${Buffer.from("user:t0p-s3cret").toString("base64")}`,
    );
  });

  it("shows help and its version", async () => {
    expect((await s3r(["--help"])).stdout).toContain("Exit codes:");
    expect(await s3r(["--version"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/u) });
  });
});
