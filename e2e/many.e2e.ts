/** Many files up and down, with the API and the store of this repository: the trees are the same, and the API is asked a few times. */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeRandomFile } from "./harness/files.ts";
import { run, s3r, s3rArguments, type Finished } from "./harness/run.ts";
import { startStack, temporaryDirectory, type Stack } from "./harness/stack.ts";

/** Names that clients, shells, XML or listings trip over. */
const ODD_NAMES = [
  "plain.txt",
  "with space",
  "a+b&c=d?e#f%20",
  "quote'\"<tag>",
  "日本語/é/😀.bin",
  ".hidden/.file",
  "-rf",
  "a.b/x",
  "a/x",
  "a-b/x",
  "tilde~(1)",
  "nested/very/deep/indeed/x",
  "\uFFFC",
  "C:",
];

const SMALL_FILES = 2000;

let stack: Stack;
let directory: string;

function at(...names: readonly string[]): string {
  return join(directory, ...names);
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

beforeAll(async () => {
  stack = await startStack();
  directory = await temporaryDirectory();
  for (const name of ODD_NAMES) write(at("odd", name), name);
  write(at("odd", "empty"), "");
  await writeRandomFile(at("odd", "large.bin"), 9 * 1024 ** 2);
  for (let index = 0; index < SMALL_FILES; index += 1)
    write(at("small", String(index % 20), `${index}.txt`), `${index}\n`.repeat(1 + (index % 50)));
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function ok(...args: readonly string[]): Promise<Finished> {
  const finished = await s3r(stack.api, args, { cwd: directory });
  expect(finished).toMatchObject({ code: 0 });
  return finished;
}

function summaryOf({ stdout }: Finished): Readonly<Record<string, unknown>> {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}

/** The access log has a line for each request, and one for each entry of a batch. */
function requests(): number {
  return stack.accessLog().filter((line) => line["batch"] === undefined).length;
}

async function expectSameTree(one: string, other: string): Promise<void> {
  expect(await run("diff", ["-r", one, other])).toMatchObject({ code: 0, stdout: "" });
}

describe("put -r and get -r", () => {
  it("bring a tree back as it was, whatever the names", async () => {
    await ok("put", "-r", "odd", "odd/");
    await ok("get", "-r", "odd/", "odd-copy");
    await expectSameTree(at("odd"), at("odd-copy"));
  });

  it("ask the API a few times for thousands of files", async () => {
    const before = requests();
    expect(summaryOf(await ok("put", "-r", "--json", "small", "small/"))).toMatchObject({ files: SMALL_FILES });
    const put = requests() - before;
    await ok("get", "-r", "small/", "small-copy");
    const got = requests() - before - put;
    await expectSameTree(at("small"), at("small-copy"));
    expect(put).toBeLessThanOrEqual(5);
    // And a listing page for each thousand.
    expect(got).toBeLessThanOrEqual(5 + 2);
  });
});

describe("sync", () => {
  it("goes up and down, and moves only what differs", async () => {
    await ok("sync", "odd", "sync/");
    expect(summaryOf(await ok("sync", "--json", "odd", "sync/"))).toMatchObject({
      files: 0,
      unchanged: ODD_NAMES.length + 2,
    });
    write(at("odd", "a", "x"), "b/x");
    write(at("odd", "new"), "new");
    rmSync(at("odd", "C:"));
    const up = summaryOf(await ok("sync", "--json", "--delete", "odd", "sync/"));
    expect(up).toMatchObject({ files: 2, deleted: 1, unchanged: ODD_NAMES.length });
    const down = summaryOf(await ok("sync", "--json", "--down", "--delete", "sync/", "odd-copy"));
    expect(down).toMatchObject({ files: 2, deleted: 1, unchanged: ODD_NAMES.length });
    await expectSameTree(at("odd"), at("odd-copy"));
  });

  it("does not touch what it only looks at", async () => {
    write(at("odd", "new"), "NEW");
    const { stdout } = await ok("sync", "--dry-run", "--delete", "--exclude", "*.bin", "odd", "sync/");
    expect(stdout).toBe("would put odd/new → sync/new (3 B)\n");
    await ok("sync", "--down", "sync/", "odd-copy");
    expect(readFileSync(at("odd-copy", "new"), "utf8")).toBe("new");
  });
});

describe("rm -r", () => {
  it("deletes what is below the prefix, and nothing beside it", async () => {
    await ok("put", at("odd", "plain.txt"), "small-beside");
    const before = requests();
    expect(summaryOf(await ok("rm", "-r", "--force", "--json", "small/"))).toMatchObject({ files: SMALL_FILES });
    expect(requests() - before).toBeLessThanOrEqual(5 + 2);
    const { stdout } = await ok("ls", "-r", "--json", "small");
    expect(stdout).toContain("small-beside");
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  });
});

/** On a terminal of its own (script(1)), where somebody types. What is said there comes as stdout. */
async function typed(input: string, ...args: readonly string[]): Promise<Finished> {
  const command = [process.execPath, ...s3rArguments(args)].map((word) => `'${word}'`).join(" ");
  return await run("script", ["-qec", command, "/dev/null"], { input, env: { S3R_ENDPOINT: stack.api } });
}

describe("rm -r on a terminal", () => {
  it("asks first, and takes anything but yes for no", async () => {
    await ok("put", "-q", "-r", "odd", "asked/");
    const refused = await typed("\n", "rm", "-r", "asked/");
    expect(refused).toMatchObject({
      code: 2,
      stdout: expect.stringContaining("Delete 16 objects below asked/? [y/N]"),
    });
    await ok("get", "-q", "asked/plain.txt", "asked.txt");
    expect(await typed("y\n", "rm", "-r", "asked/")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("deleted 16 objects"),
    });
    expect(await s3r(stack.api, ["stat", "asked/plain.txt"])).toMatchObject({ code: 3 });
  });
});

describe("links", () => {
  it("stand for what they lead to, or are skipped", async () => {
    write(at("links", "real", "x"), "x");
    symlinkSync("real", at("links", "folder"));
    symlinkSync("real/x", at("links", "file"));
    symlinkSync(".", at("links", "round"));
    expect(summaryOf(await ok("put", "-r", "--json", "links", "links/"))).toMatchObject({ files: 3, skipped: 1 });
    const skipped = await ok("put", "-r", "--json", "--no-follow-symlinks", "links", "no-links/");
    expect(summaryOf(skipped)).toMatchObject({ files: 1, skipped: 3 });
  });
});

/** On one core, with 128 descriptors. */
async function limited(...args: readonly string[]): Promise<Finished> {
  const script = 'ulimit -n 128 && exec taskset -c 0 "$@"';
  return await run("sh", ["-c", script, "sh", process.execPath, ...s3rArguments(args)], {
    cwd: directory,
    env: { S3R_ENDPOINT: stack.api },
  });
}

it("D42: a tree goes up and comes down on one core, with few open files", { timeout: 120_000 }, async () => {
  for (let index = 0; index < 400; index += 1) write(at("few", `${index}.txt`), `${index}\n`.repeat(100));
  expect(await limited("put", "-q", "-r", "few", "limited/")).toMatchObject({ code: 0, stderr: "" });
  expect(await limited("get", "-q", "-r", "limited/", "limited")).toMatchObject({ code: 0, stderr: "" });
  await expectSameTree(at("few"), at("limited"));
});
