/** `s3r uploads` and `s3r uploads abort`, after an upload that was cut short. */
import { randomBytes } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli, type CliRun } from "../testing/run-cli.ts";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function s3r(...args: readonly string[]): Promise<CliRun> {
  const env = { S3R_ENDPOINT: test.api.endpoint.href, S3R_RETRIES: "0" };
  return await runCli(args, { cwd: test.directory, env });
}

async function interruptedPut(key: string): Promise<string> {
  const path = join(test.directory, "large");
  await writeFile(path, randomBytes(6 * 1024 ** 2));
  test.store.failWhen(({ target }) => target.includes("partNumber=2&"), "internal-error");
  expect(await s3r("put", "--part-size", "5MiB", path, key)).toMatchObject({ code: 7 });
  return path;
}

describe("s3r uploads", () => {
  it("lists what is unfinished, and nothing else", async () => {
    expect(await s3r("uploads")).toMatchObject({ code: 0, stdout: "", stderr: "no upload is unfinished\n" });
    const path = await interruptedPut("a/large");
    const { code, stdout } = await s3r("uploads");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^a\/large +6\.29 MB +\d{4}-\S+Z +unfinished +\/.+large\n$/u);
    const [line = ""] = (await s3r("uploads", "--json")).stdout.split("\n");
    expect(JSON.parse(line)).toMatchObject({ ok: true, key: "a/large", source: path, size: 6 * 1024 ** 2 });
  });

  it("aborts by key, and is then empty", async () => {
    await interruptedPut("a");
    expect(test.store.uploads.size).toBe(1);
    expect(await s3r("uploads", "abort", "b")).toMatchObject({ code: 9 });
    expect(await s3r("uploads", "abort")).toMatchObject({ code: 2 });
    expect(await s3r("uploads", "abort", "a")).toMatchObject({ code: 0, stderr: "aborted the upload of a\n" });
    expect(test.store.uploads.size).toBe(0);
    expect((await s3r("uploads")).stdout).toBe("");
    expect(await readdir(join(test.directory, ".local", "state", "s3r", "uploads"))).toEqual([]);
  });

  it("aborts all, those too that the store has forgotten", async () => {
    await interruptedPut("a");
    await interruptedPut("b");
    test.store.failWhen(({ method }) => method === "DELETE", "no-such-upload");
    expect(await s3r("uploads", "abort", "--all")).toMatchObject({ code: 0 });
    expect((await s3r("uploads")).stdout).toBe("");
  });
});
