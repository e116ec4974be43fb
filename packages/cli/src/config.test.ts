/** Configuration: who wins, and what is wrong is named. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseConfigFile } from "./config-file.ts";
import { loadConfig, type ConfigFlags } from "./config.ts";
import { isForeseen, textOf, thrownBy } from "./testing/thrown-by.ts";

let root: string;
let cwd: string;
let env: Record<string, string>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "s3r-config-"));
  cwd = join(root, "repository", "deep", "deeper");
  env = { XDG_CONFIG_HOME: join(root, "xdg"), HOME: join(root, "home") };
  await mkdir(cwd, { recursive: true });
  await mkdir(join(root, "xdg", "s3r"), { recursive: true });
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function writeUser(content: unknown): Promise<void> {
  await writeFile(join(root, "xdg", "s3r", "config.json"), JSON.stringify(content));
}

async function writeProject(content: unknown, directory = join(root, "repository")): Promise<void> {
  await writeFile(join(directory, "s3r.json"), JSON.stringify(content));
}

async function load(flags: ConfigFlags = {}): ReturnType<typeof loadConfig> {
  return await loadConfig(flags, { env, cwd });
}

describe("a setting", () => {
  it("is taken from the flag, else the environment, the project, the user, the default", async () => {
    await writeUser({ endpoint: "https://user.example", retries: 1, stallTimeout: "1s" });
    expect(await load()).toMatchObject({ retries: 1, timeoutMilliseconds: 1000, connectTimeoutMilliseconds: 10_000 });
    await writeProject({ endpoint: "https://project.example", retries: "2" });
    expect((await load()).endpoint.href).toBe("https://project.example/");
    expect(await load()).toMatchObject({ retries: 2, timeoutMilliseconds: 1000 });
    env = { ...env, S3R_ENDPOINT: "https://environment.example", S3R_RETRIES: "3", S3R_CONNECT_TIMEOUT: "3s" };
    expect((await load()).endpoint.href).toBe("https://environment.example/");
    expect(await load({ endpoint: "https://flag.example", retries: "4" })).toMatchObject({
      retries: 4,
      connectTimeoutMilliseconds: 3000,
      endpoint: new URL("https://flag.example/"),
    });
  });

  it("that is about tokens is taken from the command line and the environment alone", async () => {
    await writeUser({ endpoint: "https://user.example" });
    expect(await load()).toMatchObject({ tokenFile: undefined, audience: undefined });
    env = { ...env, S3R_AUDIENCE: "of-the-variable", S3R_TOKEN_FILE: "/x" };
    expect(await load()).toMatchObject({ tokenFile: undefined, audience: "of-the-variable" });
    expect(await load({ tokenFile: "-", audience: "a" })).toMatchObject({ tokenFile: "-", audience: "a" });
    for (const member of ["token", "tokenFile", "token-file", "audience"]) {
      await writeUser({ endpoint: "https://user.example", [member]: "t0p-s3cret" });
      const error = await load().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "Usage", message: expect.stringContaining(member) });
      expect(textOf(error)).not.toContain("t0p-s3cret");
    }
  });

  it("is not taken from an empty variable", async () => {
    await writeUser({ endpoint: "https://user.example" });
    env = { ...env, S3R_ENDPOINT: "" };
    expect((await load()).endpoint.hostname).toBe("user.example");
  });

  it.each(["directory", "file"])("is not looked for above the repository, whose .git may be a %s", async (kind) => {
    await writeProject({ endpoint: "https://outside.example" }, root);
    if (kind === "file") await writeFile(join(root, "repository", ".git"), "gitdir: elsewhere");
    else await mkdir(join(root, "repository", ".git"));
    await expect(load()).rejects.toMatchObject({ code: "Usage", message: "no endpoint is set" });
  });
});

describe("without an endpoint", () => {
  it("says how to set one and how to start one", async () => {
    const error = await load().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "Usage", exitCode: 2 });
    expect(error).toMatchObject({ hint: expect.stringMatching(/S3R_ENDPOINT.*--endpoint.*npx -y pnpm@12 start/u) });
  });
});

describe("an endpoint", () => {
  it("gives its credentials to Authorization, and keeps none", async () => {
    const config = await load({ endpoint: "http://us%40er:p%3Aw@127.0.0.1:8787/base" });
    expect(config.endpoint.href).toBe("http://127.0.0.1:8787/base/");
    expect(config.authorization).toBe(`Basic ${Buffer.from("us@er:p:w").toString("base64")}`);
  });

  it("of a project may not have any; the user's own may", async () => {
    await writeUser({ endpoint: "https://user:t0p-s3cret@files.example" });
    expect((await load()).authorization).toBe(`Basic ${Buffer.from("user:t0p-s3cret").toString("base64")}`);
    await writeProject({ endpoint: "https://user:t0p-s3cret@files.example" });
    const error = await load().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "Usage", message: expect.stringContaining("s3r.json") });
    expect(textOf(error)).not.toContain("t0p-s3cret");
  });

  it.each([
    "nonsense",
    "ftp://files.example",
    "http://files.example",
    "http://localhost.example",
    "http://10.0.0.1",
    "https://files.example/?a=b",
    "https://files.example/#a",
    "https://user:t0p-s3cret%zz@files.example",
    "http://user:t0p-s3cret@files.example",
  ])("such as %s is refused, and no credentials are shown", async (endpoint) => {
    const error = await load({ endpoint }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "Usage", message: expect.stringContaining("--endpoint") });
    expect(textOf(error)).not.toContain("t0p-s3cret");
  });

  it.each(["http://localhost:1", "http://127.0.0.1", "http://127.9.8.7", "http://[::1]:8787", "https://files.example"])(
    "such as %s is taken",
    async (endpoint) => {
      expect((await load({ endpoint })).endpoint.origin).toBe(endpoint);
    },
  );
});

describe("what is wrong", () => {
  it.each<readonly [ConfigFlags, string]>([
    [{ retries: "many" }, "--retries"],
    [{ retries: "-1" }, "--retries"],
    [{ stallTimeout: "soon" }, "--stall-timeout"],
    [{ stallTimeout: "0" }, "--stall-timeout"],
    [{ concurrency: "0" }, "--concurrency"],
    [{ concurrency: "many" }, "--concurrency"],
    [{ connectTimeout: "1d" }, "--connect-timeout"],
    [{ tokenFile: "" }, "--token-file"],
    [{ audience: "" }, "--audience"],
    [{ audience: "a\u0000b" }, "--audience"],
    [{ audience: "x".repeat(1025) }, "--audience"],
  ])("in the flags %o is named", async (flags, name) => {
    const error = load({ endpoint: "https://files.example", ...flags });
    await expect(error).rejects.toMatchObject({ code: "Usage", message: expect.stringContaining(name) });
  });

  it.each([
    ["{", "not JSON"],
    ["[]", "is no configuration file"],
    ['{"endpiont": "https://files.example"}', "endpiont"],
    ['{"endpoint": 5}', "endpoint"],
    ['{"retries": {}}', "retries"],
  ])("in the file %s is named, and so is the file", (text, part) => {
    const error = thrownBy(() => parseConfigFile(text, "/x/s3r.json"));
    expect(error).toMatchObject({ code: "Usage", message: expect.stringContaining("/x/s3r.json") });
    expect(textOf(error)).toContain(part);
  });

  it("in any file is a usage error and nothing else", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => isForeseen(() => parseConfigFile(text, "file"))));
  });
});
