/** The template, after the SAM transform, against CloudFormation's published resource schemas: cfn-lint, from PyPI. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { run } from "./harness/run.ts";

function path(relative: string): string {
  return fileURLToPath(new URL(`../${relative}`, import.meta.url));
}

const VENV = path("node_modules/.cache/cfn-lint");
const CFN_LINT = `${VENV}/bin/cfn-lint`;
const TEMPLATE = path("packages/api/template.yaml");

async function must(command: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command, args);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
}

beforeAll(async () => {
  if (existsSync(CFN_LINT)) return;
  await must("python3", ["-m", "venv", VENV]);
  await must(`${VENV}/bin/pip`, ["install", "-q", "cfn-lint~=1.58"]);
});

describe("packages/api/template.yaml", () => {
  it("has nothing wrong with it, in several regions", async () => {
    const regions = ["us-east-1", "eu-central-1", "ap-southeast-2", "cn-north-1"];
    const linted = await run(CFN_LINT, ["--regions", ...regions, "--include-checks", "I", "--", TEMPLATE]);
    expect(linted).toMatchObject({ code: 0, stdout: "" });
  });
});
