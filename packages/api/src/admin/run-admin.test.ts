import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { runAdmin } from "./run-admin.ts";

const POLICY = `
version: 1
audience: https://a
tokens: [{ name: bot, sha256: "${"0".repeat(64)}", expires: 2026-01-01 }]
issuers: [{ name: github, issuer: https://token.actions.githubusercontent.com }]
statements:
  - id: builds
    principals: github
    claims: { repository_id: 1 }
    actions: [read, write]
    keys: builds/**
    limits: { maxBytes: 10 }
`;

const FILES: Readonly<Record<string, string>> = {
  "policy.yaml": POLICY,
  "broken.yaml": "version: 2\nstatements: []\n",
};

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(...argv: readonly string[]): Promise<Ran> {
  let [stdout, stderr] = ["", ""];
  const code = await runAdmin(argv, {
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
    readFile: (path) => {
      const text = FILES[path];
      return text === undefined
        ? Promise.reject(Object.assign(new Error("no"), { code: "ENOENT" }))
        : Promise.resolve(text);
    },
    random: (bytes) => new Uint8Array(bytes).fill(7),
    now: () => new Date("2026-11-23T06:00:00Z"),
  });
  return { code, stdout, stderr };
}

describe("s3r-api token new", () => {
  it("prints the token alone on stdout, and the policy's lines with its SHA-256 on stderr", async () => {
    const { code, stdout, stderr } = await run("token", "new", "publisher", "--expires", "2027-01-31");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^s3r_[\w-]{43}\n$/u);
    const digest = createHash("sha256").update(stdout.trim()).digest("hex");
    expect(stderr).toContain(`tokens:\n  - name: publisher\n    sha256: ${digest}\n    expires: 2027-01-31\n`);
    expect(stderr).not.toContain(stdout.trim());
  });

  it.each([["anonymous"], ["no spaces"], [""], ["x", "--expires", "tomorrow"], ["x", "--expires", "2027-13-01"]])(
    "refuses %j before there is a token",
    async (...args) => {
      const { code, stdout, stderr } = await run("token", "new", ...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^s3r-api: error: (?:name|expires) /u);
    },
  );
});

describe("s3r-api policy check", () => {
  it("says what a good policy holds, and which tokens have lapsed", async () => {
    expect(await run("policy", "check", "policy.yaml")).toEqual({
      code: 0,
      stdout: "policy.yaml: ok, 1 statement, 1 token, 1 issuer\n",
      stderr: "warning: a token of `bot` expired on 2026-01-01T00:00:00.000Z\n",
    });
  });

  it("says all that is wrong, with line and path", async () => {
    const { code, stdout, stderr } = await run("policy", "check", "broken.yaml");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(
      "  broken.yaml:1: version must be 1\n  broken.yaml:2: statements must hold at least one statement\n",
    );
  });

  it("says which file cannot be read", async () => {
    expect(await run("policy", "check", "absent.yaml")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("absent.yaml"),
    });
  });
});

describe("s3r-api policy test", () => {
  const asked = ["policy", "test", "policy.yaml", "--as", "github", "--claim", "repository_id=1"];

  it("explains what is allowed, and exits with 0", async () => {
    const { code, stdout } = await run(...asked, "--length", "10", "PUT", "/builds/a.tgz");
    expect(code).toBe(0);
    expect(stdout).toBe(
      "PutObject builds/a.tgz\nallow, by builds; signed: host, content-length\n  ● allow builds: it allows this\n",
    );
  });

  it.each([
    [[...asked, "--length", "11", "PUT", "/builds/a"], /deny, by builds: 413 EntityTooLarge/u],
    [[...asked, "PUT", "/builds/a"], /deny, by builds: 411 LengthRequired/u],
    [[...asked, "GET", "/other/a"], /○ allow builds: `builds\/\*\*` does not match the key/u],
    [[...asked, "DELETE", "/builds/a"], /○ allow builds: it is about `read`, `write`, and DeleteObject is `delete`/u],
    [["policy", "test", "policy.yaml", "GET", "/builds/a"], /it is about `github`, not `anonymous`/u],
    [
      ["policy", "test", "policy.yaml", "--as", "github", "--claim", "repository_id=2", "GET", "/builds/a"],
      /repository_id must be `1`, and is "2"/u,
    ],
  ])("explains what is not, and exits with 5: %j", async (argv, expected) => {
    const { code, stdout } = await run(...argv);
    expect(code).toBe(5);
    expect(stdout).toMatch(expected);
  });

  it("has it as JSON", async () => {
    const { stdout } = await run(...asked, "--json", "GET", "/builds/a");
    expect(JSON.parse(stdout)).toMatchObject({
      decision: { effect: "allow", statement: "builds" },
      statements: [{ id: "builds", applies: true }],
    });
  });

  it.each([
    [["policy", "test", "policy.yaml", "--as", "nobody", "GET", "/a"], /knows no principal `nobody`/u],
    [[...asked, "GET", "/a/../b"], /400 InvalidKey/u],
    [[...asked, "--header", "x", "GET", "/a"], /is no header/u],
    [[...asked, "--claim", "x", "GET", "/a"], /is no claim/u],
  ])("says what cannot be tested: %j", async (argv, expected) => {
    const { code, stdout, stderr } = await run(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(expected);
  });
});

describe("s3r-api iam-policy", () => {
  it("grants what the policy allows anyone", async () => {
    const { code, stdout } = await run("iam-policy", "--bucket", "my-bucket", "--policy", "policy.yaml");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      Statement: [
        {
          Action: [
            "s3:AbortMultipartUpload",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
          ],
        },
      ],
    });
  });

  it("refuses a bucket or a prefix that cannot be one", async () => {
    expect(await run("iam-policy", "--bucket", "No")).toMatchObject({ code: 2, stdout: "" });
    expect(await run("iam-policy", "--bucket", "my-bucket", "--key-prefix", "builds")).toMatchObject({
      code: 2,
      stdout: "",
    });
  });
});

describe("s3r-api", () => {
  it("shows its help, and exits with 2 for what it does not know", async () => {
    expect(await run("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("policy") });
    expect(await run("polizy")).toMatchObject({ code: 2, stdout: "" });
  });
});
