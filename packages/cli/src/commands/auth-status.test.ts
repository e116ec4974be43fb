/** What `auth status` tells: the source, the principal and what it may do. */
import type { WhoAmI } from "@s3r/shared";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeJwt } from "../testing/make-jwt.ts";
import { runCli, type CliRun } from "../testing/run-cli.ts";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";

const ME: WhoAmI = {
  principal: {
    name: "github",
    kind: "issuer",
    claims: { repository: "o/r", ref: "refs/heads/main\u009b31m" },
    expiresAt: "2027-01-01T00:00:00.000Z",
  },
  statements: [
    {
      id: "ci",
      effect: "allow",
      actions: ["read", "write"],
      keys: ["ci/1/**", "x"],
      limits: { maxBytes: 5, overwrite: false },
    },
    { id: "no-releases", effect: "deny", actions: ["delete"], keys: ["releases/**"], limits: {} },
  ],
};

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

async function status(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<CliRun> {
  return await runCli(["auth", "status", ...args], {
    cwd: test.directory,
    env: { S3R_ENDPOINT: test.api.endpoint.href, ...env },
  });
}

function answer(me: WhoAmI): void {
  test.api.answerNext({ status: 200, body: JSON.stringify(me) });
}

describe("auth status", () => {
  it("is a table for people", async () => {
    answer(ME);
    const { code, stdout, stderr } = await status({ S3R_TOKEN: makeJwt(), S3R_ID_TOKEN: "other" });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(
      [
        `endpoint    ${test.api.endpoint.href}`,
        "token from  S3R_TOKEN",
        "not used    GitLab (S3R_ID_TOKEN)",
        "you are     github (issuer)",
        "until       2027-01-01T00:00:00.000Z",
        "claims      repository=o/r",
        String.raw`            ref=refs/heads/main\x9b31m`,
        "",
        "statement    effect  actions     keys         limits",
        "ci           allow   read,write  ci/1/** x    maxBytes=5 overwrite=false",
        "no-releases  deny    delete      releases/**",
        "",
      ].join("\n"),
    );
  });

  it("is one object with --json, without the token", async () => {
    answer(ME);
    const { code, stdout, stderr } = await status({ S3R_TOKEN: "t0p-s3cret", S3R_ID_TOKEN: "t0p-s3cret" }, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      operation: "auth status",
      endpoint: test.api.endpoint.href,
      source: { id: "s3r-token", name: "S3R_TOKEN" },
      shadowed: [{ id: "gitlab", name: "GitLab (S3R_ID_TOKEN)" }],
      principal: ME.principal,
      expiresAt: ME.principal.expiresAt,
      statements: ME.statements,
    });
    expect(stdout).not.toContain("t0p-s3cret");
  });

  it("of an anonymous run whom no statement is about says that", async () => {
    answer({ principal: { name: "anonymous", kind: "anonymous", claims: {} }, statements: [] });
    const { code, stdout } = await status({});
    expect(code).toBe(0);
    expect(stdout).toContain("token from  nowhere: anonymous\n");
    expect(stdout).toContain("you may do nothing\n");
  });

  it("of a bare redirector says what is known without it", async () => {
    const { code, stdout } = await status({ S3R_TOKEN: makeJwt({ exp: 4_000_000_000 }) });
    expect(code).toBe(0);
    expect(stdout).toContain("you are     not known: this API does not say\nuntil       2096-10-02T07:06:40.000Z\n");
    test.api.answerNext({ status: 404 });
    expect(JSON.parse((await status({}, "--json")).stdout)).toMatchObject({
      source: null,
      principal: null,
      statements: null,
    });
  });

  it("exits 4 when the API refuses the token, and still says where that came from", async () => {
    test.api.answerNext({ status: 401, body: "unknown token" }, { status: 401 });
    const people = await status({ S3R_TOKEN: "t0p-s3cret", S3R_ID_TOKEN: "t0p-s3cret" });
    expect(people).toMatchObject({ code: 4, stdout: "" });
    expect(people.stderr).toMatch(/^endpoint: .*\ntoken from: S3R_TOKEN\nnot used: GitLab .*\ns3r: error: .*401/u);
    const machine = await status({ S3R_TOKEN: "t0p-s3cret" }, "--json");
    expect(machine).toMatchObject({ code: 4, stderr: "" });
    expect(JSON.parse(machine.stdout)).toMatchObject({
      ok: false,
      operation: "auth status",
      source: { id: "s3r-token" },
      error: { code: "Unauthenticated", exitCode: 4 },
    });
    expect(people.stderr + machine.stdout).not.toContain("t0p-s3cret");
  });

  it("without an endpoint is the usual error, and `auth` alone shows its verbs", async () => {
    expect((await status({ S3R_ENDPOINT: "" })).stderr).toContain("no endpoint is set");
    const { code, stderr } = await runCli(["auth"], { cwd: test.directory });
    expect(code).toBe(2);
    expect(stderr).toContain("status ");
    expect((await runCli(["auth", "nope"], { cwd: test.directory })).code).toBe(2);
  });
});
