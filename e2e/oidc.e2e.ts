/** A CI job without a secret: its issuer over https with a certificate authority of its own, the API and the command as processes. */
import { once } from "node:events";
import { createServer } from "node:http";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startIssuer, type RunningIssuer } from "@s3r/api/testing/issuer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { curl, s3r } from "./harness/run.ts";
import { startServe, startStack, temporaryDirectory, type Served, type Stack } from "./harness/stack.ts";

const AUDIENCE = "https://files.example.com";

/** As GitHub writes them: https://docs.github.com/en/actions/reference/security/oidc */
const JOB = {
  sub: "repo:octo/app:ref:refs/heads/main",
  repository: "octo/app",
  repository_id: "1296269",
  repository_owner_id: "9919",
  ref: "refs/heads/main",
  event_name: "push",
  jti: "the-job",
};

let issuer: RunningIssuer;
let stack: Stack;
let served: Served;
let directory: string;
let file: string;
let policy: string;

/** What GitHub's runner offers a job: a URL that issues tokens to whoever knows its secret. */
const runner = createServer((request, response) => {
  const audience = new URL(request.url ?? "", "http://localhost").searchParams.get("audience");
  if (request.headers.authorization !== "Bearer runner-t0p-s3cret") return void response.writeHead(403).end();
  response.setHeader("content-type", "application/json");
  return void response.end(JSON.stringify({ value: issuer.sign({ ...JOB, aud: audience }) }));
});

async function serve(): Promise<Served> {
  return await startServe(stack, stack.store, { S3R_POLICY: policy, NODE_EXTRA_CA_CERTS: join(directory, "ca.pem") });
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  issuer = await startIssuer({ audience: AUDIENCE });
  await writeFile(join(directory, "ca.pem"), issuer.ca);
  policy = (await readFile(new URL("../docs/policies/github-artifacts.yaml", import.meta.url), "utf8")).replace(
    "https://token.actions.githubusercontent.com",
    issuer.url,
  );
  file = join(directory, "app.tgz");
  await writeFile(file, "built");
  runner.listen(0, "127.0.0.1");
  await once(runner, "listening");
  stack = await startStack();
  served = await serve();
});

afterAll(async () => {
  runner.close();
  await served[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

function jobEnvironment(): Record<string, string> {
  const address = runner.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    GITHUB_ACTIONS: "true",
    ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "runner-t0p-s3cret",
    S3R_AUDIENCE: AUDIENCE,
  };
}

async function put(claims: Readonly<Record<string, unknown>>, path = "artifacts/octo/app/a.tgz"): Promise<string> {
  const token = issuer.sign({ ...JOB, ...claims });
  const credentials = ["-H", `Authorization: Bearer ${token}`];
  const status = ["-o", "/dev/null", "-w", "%{http_code}"];
  return (await curl(["-L", ...status, ...credentials, "-T", file, `${served.api}/${path}`])).stdout;
}

describe("a CI job", () => {
  it("puts its artifact by s3r with a token that it asks for itself, and is in the log by name", async () => {
    const done = await s3r(served.api, ["put", "-v", file, "artifacts/octo/app/"], { env: jobEnvironment() });
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining("GitHub Actions") });
    expect(served.accessLog().findLast(({ status }) => status === 307)).toMatchObject({
      operation: "PutObject",
      key: "artifacts/octo/app/app.tgz",
      principal: "github",
      subject: JOB.sub,
      tokenId: "the-job",
      decision: "allow",
      statement: "artifacts",
    });
    const status = await s3r(served.api, ["auth", "status"], { env: jobEnvironment() });
    expect(status.code).toBe(0);
    expect(status.stdout).toContain("artifacts/octo/app/**");
  });

  it("asks for no token that an API wants for somebody else, unless it is told to", async () => {
    const { S3R_AUDIENCE: _audience, ...environment } = jobEnvironment();
    const refused = await s3r(served.api, ["put", file, "artifacts/octo/app/"], { env: environment });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(AUDIENCE);
  });

  it("puts it by curl too", async () => {
    expect(await put({})).toBe("200");
  });

  it("C8, C9: is refused for another repository, also one with the same name", async () => {
    expect(await put({}, "artifacts/octo/other/a.tgz")).toBe("403");
    expect(await put({ repository: "else/where", repository_owner_id: "1" })).toBe("403");
    expect(await put({ repository_id: "2", repository_owner_id: "2" })).toBe("403");
  });

  it("C10: is the same job with a subject of the new form", async () => {
    expect(await put({ sub: "repo:octo@9919/app@1296269:ref:refs/heads/main" })).toBe("200");
  });

  it("C11: is refused for a pull request, another ref and a missing environment where the policy says so", async () => {
    expect(await put({ event_name: "pull_request", ref: "refs/pull/1/merge" })).toBe("403");
    const release = "releases/1/a.tgz";
    expect(await put({ environment: "production", ref: "refs/heads/topic" }, release)).toBe("403");
    expect(await put({}, release)).toBe("403");
    expect(await put({ environment: "production" }, release)).toBe("428");
  });

  it("is refused with another audience, too old a token, and a clock that is minutes off; seconds do not matter", async () => {
    const now = Math.floor(Date.now() / 1000);
    expect(await put({ aud: "https://elsewhere.example.com" })).toBe("401");
    expect(await put({ aud: [AUDIENCE, "https://elsewhere.example.com"] })).toBe("401");
    expect(await put({ iat: now - 400, exp: now - 100 })).toBe("401");
    expect(await put({ iat: now + 120, exp: now + 420 })).toBe("401");
    expect(await put({ iat: now + 40, exp: now + 340 })).toBe("200");
    expect(await put({ iat: now - 330, exp: now - 30 })).toBe("200");
  });
});

describe("an issuer that is not there", () => {
  it.each(["hang", "status 500"] as const)("is 503 with Retry-After, not 401 (%s)", async (fault) => {
    issuer.fail(fault);
    await using cold = await serve();
    const { stdout } = await curl([
      "-D",
      "-",
      "-o",
      "/dev/null",
      "-H",
      `Authorization: Bearer ${issuer.sign(JOB)}`,
      `${cold.api}/k`,
    ]);
    issuer.fail(undefined);
    expect(stdout).toMatch(/^HTTP\/1\.1 503 /u);
    expect(stdout).toMatch(/^retry-after: \d+\r$/imu);
  });
});
