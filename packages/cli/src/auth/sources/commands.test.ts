/** The commands of Buildkite and CircleCI, as programs on PATH. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeJwt } from "../../testing/make-jwt.ts";
import { NOW, sourceWorld } from "../../testing/source-world.ts";
import { textOf } from "../../testing/thrown-by.ts";
import { writeCommand, type FakeCommand } from "../../testing/write-command.ts";
import type { Credential, SourceWorld } from "../token-source.ts";
import { buildkite } from "./buildkite.ts";
import { circleci } from "./circleci.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "s3r-commands-"));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const ROWS = [
  ["Buildkite", "buildkite-agent", "BUILDKITE", buildkite],
  ["CircleCI", "circleci", "CIRCLECI", circleci],
] as const;

describe.each(ROWS)("%s", (_, program, variable, find) => {
  async function load(command: FakeCommand, parts: Partial<SourceWorld> = {}): Promise<Credential | undefined> {
    const world = sourceWorld({ env: { [variable]: "true", PATH: `${command.directory}:/usr/bin:/bin` }, ...parts });
    return await (await find(world))?.load();
  }

  it("prints a token for the audience, which lives as long as it was made for", async () => {
    const token = makeJwt({ iat: 1000, exp: 1300 });
    const command = await writeCommand(root, program, `echo ${token}`);
    expect(await load(command, { audience: () => Promise.resolve('https://x/"$(id)"') })).toEqual({
      authorization: `Bearer ${token}`,
      obtainedAt: NOW,
      expiresAt: new Date(NOW.getTime() + 300_000),
    });
    const [line = ""] = await command.argumentLines();
    expect(line).toBe(
      program === "circleci"
        ? 'run|oidc|get|--claims|{"aud":"https://x/\\"$(id)\\""}|'
        : 'oidc|request-token|--audience|https://x/"$(id)"|',
    );
  });

  it("that fails is an error with what it said, and without its token", async () => {
    const token = makeJwt();
    const command = await writeCommand(root, program, `echo ${token}; echo "x\nno ${token} for you" >&2; exit 3`);
    const error = await load(command).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "Unauthenticated",
      reason: expect.stringMatching(/failed \(3\): no … for you$/u),
    });
    expect(textOf(error)).not.toContain(token);
  });

  it.each(["true", "echo two; echo lines", "echo two words"])(
    "that prints no token (%s) is an error",
    async (script) => {
      await expect(load(await writeCommand(root, program, script))).rejects.toMatchObject({ code: "Usage" });
    },
  );

  it("that says more than a token is stopped", async () => {
    const command = await writeCommand(root, program, "yes t0p-s3cret");
    const error = await load(command).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "Unauthenticated" });
    expect(textOf(error)).not.toContain("t0p-s3cret");
  });

  it("is stopped by an interruption", async () => {
    const interruption = new AbortController();
    const loading = load(await writeCommand(root, program, "exec sleep 60"), { signal: interruption.signal });
    setTimeout(() => interruption.abort(new Error("interrupted")), 50);
    await expect(loading).rejects.toThrow("interrupted");
  });
});

describe("CircleCI's variable", () => {
  const token = makeJwt({ aud: "0a1b-org" });
  const env = { CIRCLECI: "true", PATH: "/nonexistent", CIRCLE_OIDC_TOKEN_V2: token };

  it("is used where its command is not, when its audience is confirmed", async () => {
    const source = await circleci(sourceWorld({ env, confirmedAudience: "0a1b-org" }));
    expect((await source?.load())?.authorization).toBe(`Bearer ${token}`);
    expect(source?.canRefresh).toBe(false);
  });

  it.each([undefined, "https://files.example"])(
    "is sent to nobody otherwise: others take its audience (%s)",
    async (confirmedAudience) => {
      const source = await circleci(sourceWorld({ env, confirmedAudience }));
      const error = await source?.load().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "Unauthenticated", hint: expect.stringContaining("S3R_AUDIENCE") });
      expect(textOf(error)).not.toContain(token);
    },
  );
});
