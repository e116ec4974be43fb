/** Who comes before whom, over all sources; and what each of them sends. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NOW, sourceWorld } from "../testing/source-world.ts";
import { startTokenEndpoint, type TokenEndpoint } from "../testing/start-token-endpoint.ts";
import { writeCommand } from "../testing/write-command.ts";
import { findSources } from "./find-sources.ts";
import { changeLogins } from "./stored-logins.ts";
import type { SourceId, SourceWorld, TokenSource } from "./token-source.ts";

/** In their order; each with what of the world makes it present, and what it sends. */
interface Row {
  readonly id: SourceId;
  readonly parts: () => Partial<Omit<SourceWorld, "env">>;
  readonly env: () => Readonly<Record<string, string>>;
  readonly sends: RegExp;
}

let root: string;
let github: TokenEndpoint;

function at(name: string): string {
  return join(root, name);
}

const nothing = (): Record<string, never> => ({});

const ROWS: readonly Row[] = [
  { id: "token-file", parts: () => ({ tokenFile: at("flag") }), env: nothing, sends: /^Bearer of-the-flag$/u },
  { id: "endpoint", parts: () => ({ endpointAuthorization: "Basic dTpw" }), env: nothing, sends: /^Basic dTpw$/u },
  { id: "s3r-token-file", parts: nothing, env: () => ({ S3R_TOKEN_FILE: at("file") }), sends: /^Bearer of-the-file$/u },
  {
    id: "s3r-token",
    parts: nothing,
    env: () => ({ S3R_TOKEN: "of-the-variable" }),
    sends: /^Bearer of-the-variable$/u,
  },
  { id: "github-actions", parts: nothing, env: () => github.env, sends: /^Bearer eyJ/u },
  { id: "gitlab", parts: nothing, env: () => ({ S3R_ID_TOKEN: "of-gitlab" }), sends: /^Bearer of-gitlab$/u },
  {
    id: "buildkite",
    parts: nothing,
    env: () => ({ BUILDKITE: "true", PATH: at("buildkite/bin") }),
    sends: /^Bearer of-buildkite$/u,
  },
  {
    id: "circleci",
    parts: nothing,
    env: () => ({ CIRCLECI: "true", PATH: at("circleci/bin") }),
    sends: /^Bearer of-circleci$/u,
  },
  {
    id: "login",
    parts: () => ({ loginsPath: at("s3r/credentials.json") }),
    env: nothing,
    sends: /^Bearer of-the-login$/u,
  },
];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "s3r-sources-"));
  github = await startTokenEndpoint();
  await writeFile(at("flag"), "of-the-flag\n");
  await writeFile(at("file"), "of-the-file\n");
  await writeCommand(at("buildkite"), "buildkite-agent", "echo of-buildkite");
  await writeCommand(at("circleci"), "circleci", "echo of-circleci");
  const login = { token: "of-the-login", storedAt: NOW.toISOString() };
  await changeLogins(at("s3r/credentials.json"), () => new Map([["https://files.example/", login]]), delay);
});

afterAll(async () => {
  await github[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

/** The world in which exactly the rows' sources are present. */
function worldOf(rows: readonly Row[]): SourceWorld {
  const paths = rows.map(({ env }) => env()["PATH"]).filter((path) => path !== undefined);
  const env = Object.assign({}, ...rows.map(({ env: each }) => each()), { PATH: paths.join(":") });
  return sourceWorld({ ...Object.assign({}, ...rows.map(({ parts }) => parts())), env });
}

async function listSources(world: SourceWorld): Promise<readonly TokenSource[]> {
  const sources: TokenSource[] = [];
  for await (const source of findSources(world)) sources.push(source);
  return sources;
}

describe("sources", () => {
  it("are none where there is none", async () => {
    expect(await listSources(sourceWorld())).toEqual([]);
  });

  it.each(ROWS.map((row, index) => [row.id, index] as const))(
    "%s comes before all that follow it",
    async (_, index) => {
      const world = worldOf(ROWS.slice(index));
      const sources = await listSources(world);
      expect(sources.map(({ id }) => id)).toEqual(ROWS.slice(index).map(({ id }) => id));
      expect((await sources[0]?.load())?.authorization).toMatch(ROWS[index]?.sends ?? /never/u);
      await world.dispatcher.destroy();
    },
  );

  it.each(ROWS.map((row) => [row.id, row] as const))("%s is found alone", async (id, row) => {
    const world = worldOf([row]);
    expect((await listSources(world)).map((source) => source.id)).toEqual([id]);
    await world.dispatcher.destroy();
  });

  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ["GitHub Actions without permission", { GITHUB_ACTIONS: "true" }],
    ["GitHub Actions with half of it", { ACTIONS_ID_TOKEN_REQUEST_URL: "https://runner.example/" }],
    ["Buildkite without its agent", { BUILDKITE: "true", PATH: "/nonexistent" }],
    ["CircleCI without its command and its token", { CIRCLECI: "true", CIRCLE_OIDC_TOKEN_V2: "" }],
    ["somebody else's CI", { CI: "true", BUILDKITE: "false", CIRCLECI: "" }],
  ])("are none in %s", async (_, env) => {
    expect(await listSources(sourceWorld({ env }))).toEqual([]);
  });

  it("run no program of a relative directory in PATH", async () => {
    const env = { BUILDKITE: "true", PATH: `.:bin::${at("none")}` };
    expect(await listSources(sourceWorld({ env }))).toEqual([]);
  });
});

describe("a stored login", () => {
  it.each([
    "https://files.example/base/",
    "https://files.example:444/",
    "http://files.example/",
    "https://files.example.evil/",
  ])("is not there for another endpoint, such as %s", async (href) => {
    const world = sourceWorld({ endpoint: new URL(href), loginsPath: at("s3r/credentials.json") });
    expect(await listSources(world)).toEqual([]);
  });

  it("in a file that others can read is an error only when it is needed", async () => {
    await writeFile(at("open.json"), "{}");
    await chmod(at("open.json"), 0o644);
    const world = sourceWorld({ env: { S3R_TOKEN: "of-the-variable" }, loginsPath: at("open.json") });
    const [variable, login] = await listSources(world);
    expect((await variable?.load())?.authorization).toBe("Bearer of-the-variable");
    await expect(login?.load()).rejects.toMatchObject({ code: "Usage", hint: expect.stringContaining("chmod 600") });
  });
});
