/** Runs every command of docs/policy.md, and compares what it prints. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { run } from "./harness/run.ts";
import { match } from "./harness/transcript.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const ADMIN = fileURLToPath(new URL("../packages/api/src/entry/admin.ts", import.meta.url));
const page = await readFile(new URL("../docs/policy.md", import.meta.url), "utf8");

/** As it is typed, with `node` in place of what installs it. */
async function runTyped(command: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const typed = command.replace(/^npx -y pnpm@12 s3r-api/u, `"${process.execPath}" "${ADMIN}"`);
  expect(typed).not.toBe(command);
  return await run("sh", ["-c", typed], { cwd: ROOT });
}

describe("docs/policy.md", () => {
  const sessions = [...page.matchAll(/```console\n\$ ([^\n]*)\n([^`]*(?:`[^`]+`[^`]*)*?)```/gu)];
  const commands = [...page.matchAll(/```sh\n(npx [^\n#]*)/gu)];

  it("has sessions and commands", () => {
    expect(sessions.length).toBeGreaterThanOrEqual(2);
    expect(commands.length).toBeGreaterThanOrEqual(2);
  });

  it.each(sessions.map(([, command = "", output = ""]) => ({ command, output })))(
    "$command",
    async ({ command, output }) => {
      const { code, stdout, stderr } = await runTyped(command);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(match(output.trimEnd(), stdout.trimEnd()) === undefined ? stdout : output).toBe(output);
    },
  );

  it.each(commands.map(([, command = ""]) => command.trim()))("%s", async (command) => {
    expect(await runTyped(command)).toMatchObject({ code: 0 });
  });
});
