/** What `build` makes, as Lambda runs it: the handler behind a Runtime API, with events of every front door, cold and warm. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleLambda } from "@s3r/build/bundles";
import {
  albEvent,
  functionUrlEvent,
  httpApiEvent,
  restApiEvent,
  type WireRequest,
} from "@s3r/api/testing/lambda-events";
import { unzipSync } from "fflate";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLambda, type LambdaFunction } from "./harness/lambda.ts";
import type { LambdaResult } from "./harness/lambda-runtime-api.ts";
import { sha256Hex } from "./harness/policies.ts";
import { run, start } from "./harness/run.ts";
import { TEST_TOKEN } from "./harness/secret.ts";
import { startStack, stopProcess, temporaryDirectory, type Stack } from "./harness/stack.ts";

const BUILD = fileURLToPath(new URL("../build/build.ts", import.meta.url));

/** Of the bundle, minified. */
const MAX_BYTES = 200_000;

const OTHER_TOKEN = `${TEST_TOKEN}-other`;

const POLICY = `
version: 1
gateway: { name: gate, authorizer: lambda }
tokens:
  - { name: bot, sha256: ${sha256Hex(TEST_TOKEN)} }
  - { name: other, sha256: ${sha256Hex(OTHER_TOKEN)} }
statements:
  - { principals: bot, actions: [read, write], keys: "bot/**" }
  - { principals: other, actions: [read, write], keys: "other/**" }
  - { principals: gate, claims: { tenant: a }, actions: read, keys: "a/**" }
`;

let directory: string;
let stack: Stack;
let buildOutput: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const policy = join(directory, "policy.yaml");
  await writeFile(policy, POLICY);
  const [started, built] = await Promise.all([
    startStack(),
    run(process.execPath, [BUILD, "--policy", policy, "--out", join(directory, "dist")]),
  ]);
  stack = started;
  buildOutput = built.stdout + built.stderr;
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function environment(frontDoor: string): Record<string, string> {
  return {
    S3R_FRONT_DOOR: frontDoor,
    S3R_POLICY_FILE: "policy.json",
    S3R_BUCKET: stack.bucket,
    S3R_S3_ENDPOINT: stack.store,
    AWS_REGION: stack.region,
    AWS_ACCESS_KEY_ID: stack.accessKeyId,
    AWS_SECRET_ACCESS_KEY: stack.secretAccessKey,
  };
}

async function startFunction(frontDoor: string, env: Record<string, string> = {}): Promise<LambdaFunction> {
  return await startLambda(join(directory, "dist", "lambda"), { ...environment(frontDoor), ...env });
}

function locationOf({ headers, multiValueHeaders }: LambdaResult): string {
  return headers?.["location"] ?? multiValueHeaders?.["location"]?.[0] ?? "";
}

function withToken(request: WireRequest, token = TEST_TOKEN): WireRequest {
  return { ...request, headers: [...(request.headers ?? []), ["Authorization", `Bearer ${token}`]] };
}

describe("build", () => {
  it("makes the function, its archive, the server and the command, and reports their sizes", async () => {
    expect(buildOutput).toMatch(
      /^lambda\/index\.mjs +\d+\.\d kB\nlambda\.zip +\d+\.\d kB\nserver\.mjs +\d+\.\d kB\ncli +\d+\.\d kB\n$/u,
    );
    const archive = unzipSync(await readFile(join(directory, "dist", "lambda.zip")));
    expect(Object.keys(archive)).toEqual(["index.mjs", "policy.json"]);
    expect(Buffer.from(archive["index.mjs"] ?? "")).toEqual(await readFile(join(directory, "dist/lambda/index.mjs")));
  });

  it("keeps the function small, without the SDK's clients and without anything that could open a socket", async () => {
    const { size, modules } = await bundleLambda(join(directory, "again.mjs"));
    expect(size).toBeLessThanOrEqual(MAX_BYTES);
    expect(modules.filter((path) => /client-|credential-provider|node-http-handler|\/yaml\//u.test(path))).toEqual([]);
    const code = await readFile(join(directory, "again.mjs"), "utf8");
    expect(code).toEqual(await readFile(join(directory, "dist/lambda/index.mjs"), "utf8"));
    const imports = [...code.matchAll(/(?:\bfrom|\bimport\s*\(|\brequire\()\s*"([^"]+)"/gu)].map(([, name]) => name);
    // The presigner names a package in a message of its own, for signatures over several regions.
    expect(new Set(imports)).toEqual(new Set(["node:crypto", "node:fs", "@aws-sdk/signature-v4-crt"]));
  });

  it("refuses a policy that cannot be used, and arguments that it does not know", async () => {
    const policy = join(directory, "wrong.yaml");
    await writeFile(policy, "version: 1\nstatements: [{ actions: fly }]\n");
    const wrong = await run(process.execPath, [BUILD, "--policy", policy, "--out", join(directory, "none")]);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("wrong.yaml:2: ") });
    expect((await run(process.execPath, [BUILD, "--polcy", policy])).code).toBe(2);
  });

  it("makes a server that runs where nothing is installed", async () => {
    const file = join(directory, "dist", "server.mjs");
    const child = start(process.execPath, [file], {
      cwd: directory,
      env: { ...environment(""), S3R_POLICY_FILE: "policy.yaml", PORT: "0" },
    });
    const api = await new Promise<string>((resolve) => {
      child.stderr?.on("data", (chunk: Buffer) => {
        const [address] = /http:\/\/[\d.:]+/u.exec(chunk.toString()) ?? [];
        if (address !== undefined) resolve(address);
      });
    });
    expect((await fetch(`${api}/.s3r/health`)).status).toBe(200);
    const headers = { authorization: `Bearer ${TEST_TOKEN}` };
    expect((await fetch(`${api}/bot/x`, { headers, redirect: "manual" })).status).toBe(307);
    expect(await stopProcess(child, "SIGTERM")).toBe(0);
  });
});

describe("the function with S3R_METRICS=emf", () => {
  it("follows each line of its log with one that CloudWatch makes metrics of", async () => {
    await using lambda = await startFunction("function-url", { S3R_METRICS: "emf" });
    await lambda.invoke(functionUrlEvent(withToken({ method: "GET", target: "/bot/k" })));
    await expect.poll(() => lambda.log().trimEnd().split("\n")).toHaveLength(2);
    const metrics: unknown = JSON.parse(lambda.log().split("\n")[1] ?? "");
    expect(metrics).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Namespace: "s3r", Dimensions: [["operation", "decision", "status"]] }] },
      operation: "GetObject",
      decision: "allow",
      status: "307",
      requests: 1,
      duration: expect.any(Number),
      signing: expect.any(Number),
    });
  });
});

describe.each([
  ["function-url", functionUrlEvent],
  ["http-api", (request: WireRequest) => httpApiEvent(request)],
  ["rest-api", (request: WireRequest) => restApiEvent(request)],
  ["alb", (request: WireRequest) => albEvent(request)],
] as const)("the function behind %s", (frontDoor, toEvent) => {
  it("signs what the store accepts, cold and warm, and logs one line for each request", async () => {
    await using lambda = await startFunction(frontDoor);
    const target = "/bot/a%20b/%C3%BC+(1)&c=d.txt";
    const body = `through ${frontDoor}`;
    const put = withToken({ method: "PUT", target, headers: [["Content-Type", "text/plain"]], body });
    const cold = await lambda.invoke(toEvent(put));
    expect(cold.statusCode).toBe(307);
    const stored = await fetch(locationOf(cold), { method: "PUT", headers: { "content-type": "text/plain" }, body });
    expect(stored.status).toBe(200);
    const short = await fetch(locationOf(cold), { method: "PUT", headers: { "content-type": "text/plain" }, body: "" });
    expect(short.status).toBe(403);

    const warm = await lambda.invoke(toEvent(withToken({ method: "GET", target })));
    expect(await (await fetch(locationOf(warm))).text()).toBe(body);
    const denied = await lambda.invoke(toEvent(withToken({ method: "GET", target: "/other/x" })));
    expect(denied.statusCode).toBe(403);

    const lines = lambda
      .log()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { method: "PUT", operation: "PutObject", key: "bot/a b/ü+(1)&c=d.txt", principal: "bot", status: 307 },
      { method: "GET", operation: "GetObject", status: 307 },
      { method: "GET", key: "other/x", decision: "deny", status: 403, code: "AccessDenied" },
    ]);
  });
});

describe("the function", () => {
  it("fails on an event of another front door, with the reason, and goes on", async () => {
    await using lambda = await startFunction("function-url");
    const request = withToken({ method: "GET", target: "/bot/k" });
    expect(await lambda.fail(restApiEvent(request))).toMatchObject({
      errorType: "FrontDoorError",
      errorMessage: expect.stringMatching(/^S3R_FRONT_DOOR is `function-url`, but /u),
    });
    expect((await lambda.invoke(functionUrlEvent(request))).statusCode).toBe(307);
  });

  it.each([
    ["without a front door", { S3R_FRONT_DOOR: "" }, "S3R_FRONT_DOOR must"],
    ["with a policy that is not there", { S3R_POLICY_FILE: "none.json" }, "none.json: cannot be read (ENOENT)"],
    ["with a policy in YAML", { S3R_POLICY_FILE: "", S3R_POLICY: POLICY }, "`build --policy FILE` makes it of YAML"],
  ])("does not start %s, and says why", async (_name, env, message) => {
    await using lambda = await startFunction("function-url", env);
    expect(await lambda.initError).toMatchObject({
      errorType: "StartError",
      errorMessage: expect.stringContaining(message),
    });
  });

  it("knows the principal that an authorizer in front has verified, and only there", async () => {
    const request = { method: "GET", target: "/a/k" } as const;
    const authorizer = { principalId: "u-1", tenant: "a", integrationLatency: 21 };
    await using rest = await startFunction("rest-api");
    expect((await rest.invoke(restApiEvent(request, { authorizer }))).statusCode).toBe(307);
    expect((await rest.invoke(restApiEvent(request, { authorizer: { ...authorizer, tenant: "b" } }))).statusCode).toBe(
      403,
    );
    expect((await rest.invoke(restApiEvent(request))).statusCode).toBe(401);
    await using url = await startFunction("function-url");
    const event = functionUrlEvent(request);
    const context = { ...Object(event["requestContext"]), authorizer: { lambda: authorizer } };
    expect((await url.invoke({ ...event, requestContext: context })).statusCode).toBe(401);
  });

  it("mixes nobody up who comes to the same warm process", async () => {
    await using lambda = await startFunction("function-url");
    const ask = async (token: string, key: string): Promise<number> =>
      (await lambda.invoke(functionUrlEvent(withToken({ method: "GET", target: `/${key}` }, token)))).statusCode;
    for (let round = 0; round < 50; round += 1) {
      expect(await ask(TEST_TOKEN, `bot/${round}`)).toBe(307);
      expect(await ask(OTHER_TOKEN, `bot/${round}`)).toBe(403);
      expect(await ask(OTHER_TOKEN, `other/${round}`)).toBe(307);
    }
  });

  it("has its keys below a base path, where it is configured so", async () => {
    await using lambda = await startFunction("rest-api", { S3R_BASE_PATH: "/files" });
    const event = restApiEvent(withToken({ method: "GET", target: "/bot/k" }), { basePath: "/files" });
    expect(new URL(locationOf(await lambda.invoke(event))).pathname).toBe(`/${stack.bucket}/bot/k`);
  });
});
