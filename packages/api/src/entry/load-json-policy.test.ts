import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadJsonPolicy } from "./load-json-policy.ts";

const POLICY = { version: 1, statements: [{ principals: "anonymous", actions: "read", keys: "public/**" }] };

function inline(text: string) {
  return loadJsonPolicy({ kind: "inline", text });
}

describe("loadJsonPolicy", () => {
  it("reads a policy from a file, and from the variable", async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), "s3r-policy-"));
    const path = join(directory.path, "policy.json");
    await writeFile(path, JSON.stringify(POLICY));
    const [file, variable] = [loadJsonPolicy({ kind: "file", path }), inline(JSON.stringify(POLICY))];
    expect(file).toMatchObject({ ok: true, policy: { statements: [{ effect: "allow" }] } });
    expect(variable).toEqual(file);
  });

  it("says where a policy is wrong", () => {
    expect(inline(JSON.stringify({ ...POLICY, statements: [{ ...POLICY.statements[0], keys: "//" }] }))).toEqual({
      ok: false,
      complaints: [expect.stringMatching(/^S3R_POLICY: statements\[0\]\.keys /u)],
    });
  });

  it("says how YAML becomes JSON, and which file is missing", () => {
    expect(inline("version: 1")).toEqual({ ok: false, complaints: [expect.stringContaining("build --policy")] });
    expect(loadJsonPolicy({ kind: "file", path: "/nowhere/policy.json" })).toEqual({
      ok: false,
      complaints: ["/nowhere/policy.json: cannot be read (ENOENT)"],
    });
  });
});
