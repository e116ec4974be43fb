/** Tokens in files, in variables and on stdin: what is wrong is named by its source, and never shown. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeJwt } from "../../testing/make-jwt.ts";
import { NOW, sourceWorld } from "../../testing/source-world.ts";
import { textOf } from "../../testing/thrown-by.ts";
import type { TokenSource } from "../token-source.ts";
import { gitlab } from "./gitlab.ts";
import { tokenFileOption } from "./token-file-option.ts";
import { tokenFileVariable } from "./token-file-variable.ts";
import { tokenVariable } from "./token-variable.ts";

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "s3r-files-"));
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

async function file(text: string): Promise<string> {
  const path = join(root, "token");
  await writeFile(path, text);
  return path;
}

type Make = (text: string) => Promise<TokenSource | undefined>;

const SOURCES: readonly (readonly [string, Make])[] = [
  ["--token-file", async (text) => tokenFileOption(sourceWorld({ tokenFile: await file(text) }))],
  [
    "--token-file -",
    async (text) => tokenFileOption(sourceWorld({ tokenFile: "-", readStdin: () => Promise.resolve(text) })),
  ],
  ["S3R_TOKEN_FILE", async (text) => tokenFileVariable(sourceWorld({ env: { S3R_TOKEN_FILE: await file(text) } }))],
  ["S3R_TOKEN", (text) => Promise.resolve(tokenVariable(sourceWorld({ env: { S3R_TOKEN: text } })))],
  ["S3R_ID_TOKEN", (text) => Promise.resolve(gitlab(sourceWorld({ env: { S3R_ID_TOKEN: text } })))],
];

describe.each(SOURCES)("the token of %s", (name, make) => {
  it("is trimmed, and lives until its `exp`", async () => {
    const token = makeJwt({ exp: NOW.getTime() / 1000 + 90 });
    expect(await (await make(` ${token}\n`))?.load()).toEqual({
      authorization: `Bearer ${token}`,
      obtainedAt: NOW,
      expiresAt: new Date(NOW.getTime() + 90_000),
    });
  });

  it.each(["", "\n", "t0p-s3cret\nt0p-s3cret", "t0p-s3cret\u0000", "Bearer t0p-s3cret"])(
    "that is %j is an error that names it and does not show it",
    async (text) => {
      const error = await (await make(text))?.load().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "Usage", message: expect.stringContaining(name) });
      expect(textOf(error)).not.toContain("t0p-s3cret");
    },
  );
});

describe("a file", () => {
  it("is read again, since something may keep it fresh", async () => {
    const source = tokenFileVariable(sourceWorld({ env: { S3R_TOKEN_FILE: await file("one") } }));
    expect([source?.canRefresh, (await source?.load())?.authorization]).toEqual([true, "Bearer one"]);
    await file("two");
    expect((await source?.load())?.authorization).toBe("Bearer two");
  });

  it.each(["t0p-s3cret-in-the-wrong-variable", "/dev/zero", "/"])(
    "that is none (%s) is a usage error that does not show what it is called",
    async (path) => {
      for (const source of [
        tokenFileOption(sourceWorld({ tokenFile: path })),
        tokenFileVariable(sourceWorld({ env: { S3R_TOKEN_FILE: path } })),
      ]) {
        const error = await source?.load().catch((caught: unknown) => caught);
        expect(error).toMatchObject({ code: "Usage", exitCode: 2 });
        expect(textOf(error)).not.toContain("t0p-s3cret");
      }
    },
  );

  it.each(["", "-"])("cannot be %j for a variable", async (path) => {
    const source = tokenFileVariable(sourceWorld({ env: { S3R_TOKEN_FILE: path } }));
    await expect(source?.load()).rejects.toMatchObject({ code: "Usage", message: "S3R_TOKEN_FILE names no file" });
  });
});
