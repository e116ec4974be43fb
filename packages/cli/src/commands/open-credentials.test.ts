/** Command lines with every kind of token: what the API is sent, and that nobody else is told. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeJwt } from "../testing/make-jwt.ts";
import { runCli, type CliOptions, type CliRun } from "../testing/run-cli.ts";
import type { ScriptedAnswer } from "../testing/start-redirector.ts";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";
import { startTokenEndpoint, type TokenEndpoint } from "../testing/start-token-endpoint.ts";
import { writeCommand, type FakeCommand } from "../testing/write-command.ts";

const TOKEN = makeJwt();
const PASSWORD = "t0p-s3cret-password";

let test: TestWorld;
let github: TokenEndpoint;
let agent: FakeCommand;

beforeEach(async () => {
  test = await startTestWorld();
  test.store.listing = "<ListBucketResult><Prefix></Prefix></ListBucketResult>";
  github = await startTokenEndpoint();
  agent = await writeCommand(test.directory, "buildkite-agent", `echo ${TOKEN}`);
  await writeCommand(test.directory, "circleci", `echo ${TOKEN}`);
});

afterEach(async () => {
  await github[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
});

async function s3r(args: readonly string[], options: Partial<CliOptions> = {}): Promise<CliRun> {
  const env = { S3R_ENDPOINT: test.api.endpoint.href, ...options.env };
  return await runCli(args, { cwd: test.directory, ...options, env });
}

function authorizations(): readonly (string | undefined)[] {
  return test.api.seen
    .filter(({ target }) => !target.startsWith("/.s3r/"))
    .map(({ headers }) => headers["authorization"]);
}

function offering(audience: string): ScriptedAnswer {
  return { status: 200, body: JSON.stringify({ service: "s3r", authentication: { required: true, audience } }) };
}

/** Makes the API name its audience; everything else goes on as before. */
function offer(audience: string): void {
  test.api.respond = ({ target }) => (target === "/.s3r/" ? offering(audience) : undefined);
}

/** Echoes what it was sent, as debug pages do. */
function refuse(): void {
  test.api.respond = ({ target, headers }) =>
    target === "/.s3r/" ? undefined : { status: 401, body: `Authorization: ${headers["authorization"] ?? ""}` };
}

interface Way {
  readonly args?: readonly string[];
  readonly options: () => Partial<CliOptions>;
  /** In the error of a 401. */
  readonly name: string;
}

function path(): string {
  return `${agent.directory}:/usr/bin:/bin`;
}

function variables(make: () => Readonly<Record<string, string>>): Way["options"] {
  return () => ({ env: make() });
}

async function logIn(): Promise<void> {
  test.api.answerNext({ status: 404 });
  await s3r(["login"], { stdin: TOKEN });
}

const WAYS: Readonly<Record<string, Way>> = {
  "--token-file": { args: ["--token-file", "DIR/token"], options: () => ({}), name: "--token-file" },
  "--token-file -": {
    args: ["--token-file", "-"],
    options: () => ({ stdin: `${TOKEN}\n` }),
    name: "--token-file - (stdin)",
  },
  S3R_TOKEN_FILE: {
    options: variables(() => ({ S3R_TOKEN_FILE: join(test.directory, "token") })),
    name: "S3R_TOKEN_FILE",
  },
  S3R_TOKEN: { options: variables(() => ({ S3R_TOKEN: TOKEN })), name: "S3R_TOKEN" },
  "GitHub Actions": { options: variables(() => github.env), name: "GitHub Actions" },
  GitLab: { options: variables(() => ({ S3R_ID_TOKEN: TOKEN })), name: "GitLab (S3R_ID_TOKEN)" },
  Buildkite: { options: variables(() => ({ BUILDKITE: "true", PATH: path() })), name: "Buildkite" },
  CircleCI: { options: variables(() => ({ CIRCLECI: "true", PATH: path() })), name: "CircleCI" },
  "s3r login": { options: () => ({}), name: "s3r login" },
  "the endpoint": {
    options: variables(() => ({ S3R_ENDPOINT: test.api.endpoint.href.replace("//", `//user:${PASSWORD}@`) })),
    name: "the endpoint's URL",
  },
};

describe.each(Object.entries(WAYS))("a token from %s", (kind, { args = [], options, name }) => {
  async function run(...command: readonly string[]): Promise<CliRun> {
    const given = args.map((each) => each.replace("DIR", test.directory));
    return await s3r([...command, ...given], options());
  }

  beforeEach(async () => {
    await writeFile(join(test.directory, "token"), `${TOKEN}\n`);
    if (kind === "s3r login") await logIn();
  });

  it("goes to the API, and nowhere else", async () => {
    const runs = [await run("ls", "-v")];
    refuse();
    for (const command of [
      ["ls", "-v"],
      ["ls", "--json"],
      ["auth", "status"],
      ["auth", "status", "--json", "-v"],
    ])
      runs.push(await run(...command));
    expect(runs.map(({ code }) => code)).toEqual([0, 4, 4, 4, 4]);

    const [sent = ""] = authorizations();
    const secret = sent.replace(/^(?:Bearer|Basic) /u, "");
    expect(secret.length).toBeGreaterThan(20);
    const said = runs.map(({ stdout, stderr }) => stdout + stderr).join("");
    const children = (await agent.argumentLines()).join("");
    const store = JSON.stringify(test.store.seen);
    for (const hidden of [secret, PASSWORD, "t0p-s3cret", "of-the-job", TOKEN.slice(0, 60)])
      expect([said, children, store].map((text) => text.includes(hidden))).toEqual([false, false, false]);
    expect(said).toContain(`s3r: token from ${name}\n`);
    expect(said).toContain(`(token from ${name})`);
  });
});

describe("no token", () => {
  it("is no header, and a 401 then lists how to give one", async () => {
    expect((await s3r(["ls", "-v"])).stderr).toContain("no token: anonymous");
    expect(authorizations()).toEqual([undefined]);
    refuse();
    const { code, stderr } = await s3r(["ls"]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/\(no token was sent\)\n {2}try: .*s3r login.*--token-file.*S3R_TOKEN/u);
  });

  it("in GitHub Actions without permission: a 401 says what to add", async () => {
    refuse();
    const { stderr } = await s3r(["ls"], { env: { GITHUB_ACTIONS: "true" } });
    expect(stderr).toContain("permissions: id-token: write");
  });
});

/** Runs in GitHub Actions. @returns with what audiences its endpoint was asked for. */
async function audienceFor(args: readonly string[] = [], more: Readonly<Record<string, string>> = {}) {
  const run = await s3r(["ls", ...args], { env: { ...github.env, ...more } });
  const asked = github.seen.map(({ target }) => new URL(target, "http://runner").searchParams.get("audience"));
  return { ...run, asked };
}

describe("the audience", () => {
  it("is the endpoint's origin at a bare redirector", async () => {
    expect(await audienceFor()).toMatchObject({ code: 0, asked: [test.api.endpoint.origin] });
  });

  it("is the one that the API names, if it is its own", async () => {
    offer(`${test.api.endpoint.origin}/files`);
    expect(await audienceFor()).toMatchObject({ code: 0, asked: [`${test.api.endpoint.origin}/files`] });
  });

  it("of another service is not asked for on the API's word: nothing is sent", async () => {
    offer("sts.amazonaws.com");
    const { code, stderr, asked } = await audienceFor();
    expect({ code, asked }).toEqual({ code: 11, asked: [] });
    expect(stderr).toMatch(/"sts\.amazonaws\.com"[^]*--audience sts\.amazonaws\.com/u);
    expect(authorizations()).toEqual([]);
  });

  it("may be said by the user, and the API is then not asked", async () => {
    offer("sts.amazonaws.com");
    await audienceFor(["--audience", "of-the-flag"], { S3R_AUDIENCE: "of-the-variable" });
    expect(await audienceFor([], { S3R_AUDIENCE: "of-the-variable" })).toMatchObject({
      asked: ["of-the-flag", "of-the-variable"],
    });
    expect(test.api.seen.filter(({ target }) => target === "/.s3r/")).toEqual([]);
  });

  it("is not asked for by sources that cannot choose", async () => {
    offer("sts.amazonaws.com");
    expect(await s3r(["ls"], { env: { S3R_TOKEN: TOKEN } })).toMatchObject({ code: 0 });
    expect(test.api.seen).toHaveLength(1);
  });

  it.each(["", "a b", "a\nb"])("cannot be %j", async (audience) => {
    expect((await s3r(["ls", "--audience", audience])).code).toBe(2);
  });
});

describe("a token", () => {
  it("that has expired is an error before any request", async () => {
    const { code, stderr } = await s3r(["ls"], { env: { S3R_TOKEN: makeJwt({ exp: 1_700_000_000 }) } });
    expect(code).toBe(4);
    expect(stderr).toMatch(/the token from S3R_TOKEN has expired[^]*2023-11-14[^]*set S3R_TOKEN/u);
    expect(test.api.seen).toEqual([]);
  });

  it("that is empty is an error, and not the next source's", async () => {
    const { code, stderr } = await s3r(["ls"], { env: { S3R_TOKEN: "", S3R_ID_TOKEN: TOKEN } });
    expect(code).toBe(2);
    expect(stderr).toContain("the token from S3R_TOKEN cannot be used");
    expect(test.api.seen).toEqual([]);
  });

  it("on stdin is refused beside an object on stdin", async () => {
    const { code, stderr } = await s3r(["put", "--token-file", "-", "-", "k"], { stdin: TOKEN });
    expect(code).toBe(2);
    expect(stderr).toContain("stdin cannot hold both");
    expect(test.api.seen).toEqual([]);
  });

  it.each(["--token=t0p-s3cret", "--token-fil=t0p-s3cret", "--tokem=t0p-s3cret"])(
    "as the argument %s is not shown",
    async (flag) => {
      const { code, stderr, stdout } = await s3r(["ls", flag]);
      expect(code).toBe(2);
      expect(stderr + stdout).not.toContain("t0p-s3cret");
      expect((await s3r(["ls", "--token", "x"])).stderr).toContain("other users of the machine can read arguments");
    },
  );

  it.each(["token", "tokenFile", "audience"])("has no place in s3r.json, as `%s` either", async (member) => {
    await writeFile(join(test.directory, "s3r.json"), JSON.stringify({ [member]: "t0p-s3cret" }));
    const { code, stderr } = await s3r(["ls"]);
    expect(code).toBe(2);
    expect(stderr).toContain(`must not have \`${member}\``);
    expect(stderr).not.toContain("t0p-s3cret");
  });

  it("is not sent to the endpoint beside the one that it is stored for", async () => {
    await logIn();
    const { href } = test.api.endpoint;
    expect((await s3r(["ls", "--endpoint", `${href}other`])).code).toBe(0);
    expect(authorizations()).toEqual([undefined]);
  });

  it("in a file that others can read is refused with the command that mends it", async () => {
    await logIn();
    const file = join(test.directory, ".config/s3r/credentials.json");
    await chmod(file, 0o644);
    const { code, stderr } = await s3r(["ls"]);
    expect(code).toBe(2);
    expect(stderr).toContain(`chmod 600 ${file}`);
    expect(test.api.seen.at(-1)?.target).toBe("/.s3r/whoami");
  });

  it("is in $XDG_CONFIG_HOME where that is set", async () => {
    const home = join(test.directory, "xdg");
    await mkdir(home);
    test.api.answerNext({ status: 404 });
    await s3r(["login"], { stdin: TOKEN, env: { XDG_CONFIG_HOME: home } });
    await s3r(["ls"], { env: { XDG_CONFIG_HOME: home } });
    expect(authorizations()).toEqual([`Bearer ${TOKEN}`]);
  });
});
