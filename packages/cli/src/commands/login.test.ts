/** Logging in and out. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { WhoAmI } from "@s3r/shared";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli, type CliOptions, type CliRun } from "../testing/run-cli.ts";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";

const TOKEN = "s3r_t0p-s3cret";

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function s3r(args: readonly string[], options: Partial<CliOptions> = {}): Promise<CliRun> {
  const env = { S3R_ENDPOINT: test.api.endpoint.href, ...options.env };
  return await runCli(args, { cwd: test.directory, ...options, env });
}

/** The API knows the token as this principal. */
function know(principal: Partial<WhoAmI["principal"]> = {}): void {
  const me: WhoAmI = { principal: { name: "ann", kind: "token", claims: {}, ...principal }, statements: [] };
  test.api.respond = ({ target }) =>
    target === "/.s3r/whoami" ? { status: 200, body: JSON.stringify(me) } : undefined;
}

function file(): string {
  return join(test.directory, ".config/s3r/credentials.json");
}

async function stored(): Promise<unknown> {
  const content: unknown = JSON.parse(await readFile(file(), "utf8"));
  return content;
}

describe("login", () => {
  it("stores what is piped for this endpoint, once the API has taken it", async () => {
    know({ expiresAt: "2027-01-01T00:00:00Z" });
    const { code, stdout, stderr } = await s3r(["login"], { stdin: `${TOKEN}\n` });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toBe(`logged in at ${test.api.endpoint.href} as ann, until 2027-01-01T00:00:00Z\n`);
    expect(test.api.seen).toMatchObject([{ target: "/.s3r/whoami", headers: { authorization: `Bearer ${TOKEN}` } }]);
    expect(await stored()).toEqual({
      version: 1,
      endpoints: { [test.api.endpoint.href]: { token: TOKEN, storedAt: expect.stringMatching(/^\d{4}-.*Z$/u) } },
    });
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect((await stat(join(test.directory, ".config/s3r"))).mode & 0o777).toBe(0o700);
  });

  it("takes a file too, and tells it as JSON without the token", async () => {
    know();
    await s3r(["put", "-q", "/dev/null", "k"]);
    const { code, stdout, stderr } = await s3r(["login", "--json", "--token-file", "-"], { stdin: TOKEN });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      operation: "login",
      endpoint: test.api.endpoint.href,
      principal: { name: "ann", kind: "token", claims: {} },
      expiresAt: null,
    });
  });

  it("stores nothing that the API refuses", async () => {
    test.api.answerNext({ status: 401, body: `unknown token ${TOKEN}` });
    const { code, stdout, stderr } = await s3r(["login", "-v"], { stdin: TOKEN });
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toMatch(/does not take this token\n {2}because: unknown … …\n {2}try: nothing was stored/u);
    expect(stderr).not.toContain(TOKEN);
    expect(await readdir(test.directory)).toEqual([]);
  });

  it.each([404, 307])(
    "stores it unchecked, and says so, where the API does not say whom it takes us for (%i)",
    async (status) => {
      test.api.answerNext({ status, headers: { location: "https://store.example/" } });
      const { code, stderr } = await s3r(["login"], { stdin: TOKEN });
      expect(code).toBe(0);
      expect(stderr).toContain("not checked");
      expect(await readdir(join(test.directory, ".config/s3r"))).toEqual(["credentials.json"]);
    },
  );

  it.each([200, 500])("stores nothing while the API answers as no API does (%i)", async (status) => {
    test.api.respond = () => ({ status, body: "<html>" });
    expect((await s3r(["login", "--retries", "0"], { stdin: TOKEN })).code).toBe(status === 200 ? 11 : 7);
    expect(await readdir(test.directory)).toEqual([]);
  });

  it("says that the API looks at no token, and that another source comes first", async () => {
    know({ kind: "anonymous", name: "anonymous" });
    const { code, stderr } = await s3r(["login"], { stdin: TOKEN, env: { S3R_TOKEN: "other" } });
    expect(code).toBe(0);
    expect(stderr).toContain("anonymous, with this token too");
    expect(stderr).toContain("not used for now: S3R_TOKEN comes first");
  });

  it.each([
    ["", "it is empty"],
    ["two\nlines", "several lines"],
    ["x".repeat(70_000), "too long"],
  ])("refuses %.20j before any request", async (stdin, reason) => {
    const { code, stderr } = await s3r(["login"], { stdin });
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
    expect(test.api.seen).toEqual([]);
  });

  it("keeps the logins of other endpoints", async () => {
    know();
    await s3r(["login"], { stdin: TOKEN });
    test.api.answerNext({ status: 404 });
    const other = `${test.api.endpoint.href}other/`;
    await s3r(["login", "--endpoint", other], { stdin: "other-token" });
    expect(await stored()).toMatchObject({
      endpoints: { [test.api.endpoint.href]: { token: TOKEN }, [other]: { token: "other-token" } },
    });
  });
});

function terminal(): PassThrough & { isTTY: boolean; setRawMode: (isRaw: boolean) => void; raw: boolean[] } {
  const raw: boolean[] = [];
  return Object.assign(new PassThrough(), { isTTY: true, raw, setRawMode: (isRaw: boolean) => void raw.push(isRaw) });
}

describe("on a terminal", () => {
  it("login asks, takes the keys itself, and echoes none", async () => {
    know();
    const stdin = terminal();
    stdin.write(`${TOKEN.slice(0, 5)}x\u007f${TOKEN.slice(5)}\r`);
    const { code, stdout, stderr } = await s3r(["login"], { stdin });
    expect({ code, stdout, raw: stdin.raw }).toEqual({ code: 0, stdout: "", raw: [true, false] });
    expect(stderr).toBe(`Token for ${test.api.endpoint.href}: \nlogged in at ${test.api.endpoint.href} as ann\n`);
    expect(test.api.seen[0]?.headers["authorization"]).toBe(`Bearer ${TOKEN}`);
  });

  it.each([
    ["Ctrl-C", "\u0003", 130],
    ["Ctrl-D", "\u0004", 2],
  ])("%s ends it, and the terminal is as before", async (_, key, code) => {
    const stdin = terminal();
    stdin.write(key);
    expect((await s3r(["login"], { stdin })).code).toBe(code);
    expect(stdin.raw).toEqual([true, false]);
    expect(test.api.seen).toEqual([]);
  });

  it("a signal ends it too", async () => {
    const interruption = new AbortController();
    const stdin = terminal();
    const running = s3r(["login"], { stdin, signal: interruption.signal });
    setTimeout(() => interruption.abort(new Error("terminated")), 20);
    expect((await running).stderr).toContain("terminated");
    expect(stdin.raw).toEqual([true, false]);
  });

  it("--token-file - does not read what would be seen", async () => {
    const { code, stderr } = await s3r(["ls", "--token-file", "-"], { stdin: terminal() });
    expect(code).toBe(2);
    expect(stderr).toContain("no token is piped to stdin");
  });
});

describe("logout", () => {
  it("forgets this endpoint's token, and no other", async () => {
    const other = `${test.api.endpoint.href}other/`;
    for (const endpoint of [test.api.endpoint.href, other]) {
      test.api.answerNext({ status: 404 });
      await s3r(["login", "--endpoint", endpoint], { stdin: TOKEN });
    }
    const { code, stderr } = await s3r(["logout"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `logged out of ${test.api.endpoint.href}\n` });
    expect(await stored()).toEqual({ version: 1, endpoints: { [other]: expect.anything() } });
  });

  it("is no error where nobody is logged in, and makes no file", async () => {
    const { code, stdout } = await s3r(["logout", "--json"]);
    expect({ code, json: JSON.parse(stdout) }).toMatchObject({ code: 0, json: { ok: true, removed: false } });
    expect(await readdir(test.directory)).toEqual([]);
  });
});
