/** `s3r get` of one object, as a command line. */
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli, type CliRun } from "../testing/run-cli.ts";
import type { SeenRequest } from "../testing/seen-request.ts";
import { startBin } from "../testing/start-bin.ts";
import { storedObject } from "../testing/stored-object.ts";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
  test.store.objects.set("k", storedObject(Buffer.from("hello, world")));
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function s3r(...args: readonly string[]): Promise<CliRun> {
  const env = { S3R_ENDPOINT: test.api.endpoint.href, HOME: test.directory };
  return await runCli(args, { cwd: test.directory, env });
}

function at(name: string): string {
  return join(test.directory, name);
}

function isRangeFrom(first: number): (request: SeenRequest) => boolean {
  return ({ headers }) => headers["range"]?.startsWith(`bytes=${first}-`) === true;
}

describe("get --range", () => {
  it.each([
    ["0-4", "hello"],
    ["7-", "world"],
    ["-3", "rld"],
  ])("%s gives these bytes, on stdout and into a file", async (range, text) => {
    expect(await s3r("get", "-q", "--range", range, "k", "-")).toEqual({ code: 0, stdout: text, stderr: "" });
    const { code, stdout } = await s3r("get", "--json", "--range", range, "k", at("target"));
    expect(code).toBe(0);
    expect(await readFile(at("target"), "utf8")).toBe(text);
    const result: unknown = JSON.parse(stdout);
    expect(result).toMatchObject({ ok: true, operation: "get", bytes: text.length });
    expect(result).not.toHaveProperty("checksum");
  });

  it.each([
    ["that it does not have", "12-", ["k"], "it has 12 bytes"],
    ["that is none", "5-4", ["k"], "FIRST-LAST"],
    ["of many", "0-1", ["-r", "k/", "copy"], "--range is of one object"],
  ])("%s is an error, and nothing is written", async (_title, range, args, said) => {
    const { code, stderr } = await s3r("get", "--range", range, ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
    expect(await readdir(test.directory)).toEqual([]);
  });
});

it("D36: get that is interrupted ends at once with 130, and keeps what has come", async () => {
  test.store.objects.set("k", storedObject(randomBytes(40 * 1024 ** 2)));
  test.store.failWhen(isRangeFrom(32 * 1024 ** 2), "stall");
  const running = startBin(["get", "-q", "k", at("target")], { endpoint: test.api.endpoint, cwd: test.directory });
  const records = at(".local/state/s3r/downloads");
  const noted = async (): Promise<string> => {
    const name = (await readdir(records).catch(() => [])).find((each) => each.endsWith(".json"));
    return name === undefined ? "" : await readFile(join(records, name), "utf8").catch(() => "");
  };
  while (!(await noted()).includes("[2,")) await delay(10);
  const started = performance.now();
  running.child.kill("SIGINT");
  const { code, stderr } = await running.finished();
  expect(performance.now() - started).toBeLessThan(2000);
  expect(code).toBe(130);
  expect(stderr).toContain("the same command goes on");
  expect((await readdir(test.directory)).filter((name) => name.endsWith(".part"))).toHaveLength(1);
});

it("get of a large object that broke tells --json what was there already", async () => {
  const bytes = randomBytes(70 * 1024 ** 2);
  test.store.objects.set("k", storedObject(bytes));
  test.store.failWhen(isRangeFrom(64 * 1024 ** 2), "denied");
  const first = await s3r("get", "--json", "--concurrency", "1", "k", at("target"));
  expect(first.code).toBe(5);
  expect(JSON.parse(first.stdout)).toMatchObject({
    error: { code: "Forbidden", hint: expect.stringMatching(/; 91 % of it is here, and the same command goes on/u) },
  });
  const second = await s3r("get", "--json", "k", at("target"));
  expect(JSON.parse(second.stdout)).toMatchObject({ ok: true, bytes: bytes.length, parts: 5, reused: 64 * 1024 ** 2 });
  expect((await readFile(at("target"))).equals(bytes)).toBe(true);
});
