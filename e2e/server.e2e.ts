/** `serve` as an operator has it: what it says of itself, whom it believes, and how it ends. */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endUnderLoad } from "./harness/end-under-load.ts";
import { freePort } from "./harness/free-port.ts";
import { curl, run, start } from "./harness/run.ts";
import { startServe, startStack, stopProcess, type Served, type Stack } from "./harness/stack.ts";

const SERVER_ENTRY = fileURLToPath(new URL("../packages/api/src/entry/server.ts", import.meta.url));
const OPEN_POLICY = "version: 1\nstatements: [{ principals: '*', actions: [read, list], keys: '**' }]";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

async function serve(env: Record<string, string> = {}): Promise<Served> {
  return await startServe(stack, stack.store, env);
}

async function statusOf(url: string, ...args: readonly string[]): Promise<string> {
  return (await curl(["-o", "/dev/null", "-w", "%{http_code}", ...args, url])).stdout;
}

/** The lines of the log come a moment after the answers. */
async function clientsOf(served: Served, count: number): Promise<readonly unknown[]> {
  await expect.poll(() => served.accessLog()).toHaveLength(count);
  return served.accessLog().map(({ client }) => client);
}

describe("SIGTERM under load", () => {
  it.each([50, 250, 400])("loses no request that was taken, %i ms after the first", async (milliseconds) => {
    const report = await endUnderLoad(16, milliseconds);
    expect(report).toMatchObject({ exitCode: 0, lost: [], unheard: [], neverTaken: 0, told: 16, idleWasClosed: true });
    expect(report.seconds).toBeLessThan(3);
  });
});

describe("readiness", () => {
  it("is there as soon as it listens, and gone from the signal on, while it still answers", async () => {
    await using served = await serve({ S3R_SHUTDOWN_DELAY: "1" });
    expect(await statusOf(`${served.api}/.s3r/ready`)).toBe("200");
    const exit = once(served.process, "exit");
    served.process.kill("SIGTERM");
    await expect.poll(() => statusOf(`${served.api}/.s3r/ready`)).toBe("503");
    expect(await statusOf(`${served.api}/key`)).toBe("307");
    expect(await statusOf(`${served.api}/.s3r/health`)).toBe("200");
    await exit;
    expect(served.process.exitCode).toBe(0);
  });

  it("waits for credentials, without which it is alive", async () => {
    const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_EC2_METADATA_DISABLED: "true" };
    await using served = await serve({ ...none, HOME: stack.directory });
    expect(await statusOf(`${served.api}/.s3r/ready`)).toBe("503");
    expect(await statusOf(`${served.api}/.s3r/health`)).toBe("200");
  });
});

describe("metrics", () => {
  it("are at a port of their own, and count what was asked at the other", async () => {
    const port = await freePort();
    await using served = await serve({ S3R_METRICS_PORT: String(port) });
    await statusOf(`${served.api}/a-key`);
    await statusOf(`${served.api}/another-key`, "-I");
    const { stdout } = await curl(["-f", `http://127.0.0.1:${port}/metrics`]);
    expect(stdout).toContain('s3r_requests_total{operation="GetObject",decision="allow",status="307"} 1\n');
    expect(stdout).toContain('s3r_requests_total{operation="HeadObject",decision="allow",status="307"} 1\n');
    expect(stdout).toContain("\ns3r_signing_duration_seconds_count 2\n");
    expect(stdout).not.toContain("key");
  });

  it("are lines of the log where CloudWatch reads it", async () => {
    await using served = await serve({ S3R_METRICS: "emf" });
    let log = "";
    served.process.stdout?.on("data", (chunk: Buffer) => (log += chunk.toString()));
    await statusOf(`${served.api}/key`);
    await expect.poll(() => log.trimEnd().split("\n")).toHaveLength(2);
    const metrics: unknown = JSON.parse(log.split("\n")[1] ?? "");
    expect(metrics).toMatchObject({ operation: "GetObject", decision: "allow", status: "307", requests: 1 });
  });

  it("keep it from starting, and from hanging, where their port is taken", async () => {
    await using served = await serve();
    const { port } = new URL(served.api);
    const env = { S3R_BUCKET: stack.bucket, S3R_REGION: stack.region, PORT: "0", S3R_METRICS_PORT: port };
    const refused = await run(process.execPath, [SERVER_ENTRY], { env });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(new RegExp(`${port} is taken.*S3R_METRICS_PORT`, "u"));
  });
});

describe("the client's address in the log", () => {
  const forged = ["-H", "X-Forwarded-For: 203.0.113.9"];

  it("is that of the connection, whatever the client says", async () => {
    await using served = await serve();
    await statusOf(`${served.api}/key`, ...forged);
    await statusOf(`${served.api}/key`, "-H", "Forwarded: for=203.0.113.9", "-H", "X-Real-IP: 203.0.113.9");
    expect(await clientsOf(served, 2)).toEqual(["127.0.0.1", "127.0.0.1"]);
  });

  it("is with S3R_TRUST_PROXY what the proxies have appended, in one header or in several", async () => {
    await using served = await serve({ S3R_TRUST_PROXY: "2" });
    await statusOf(`${served.api}/key`, "-H", "X-Forwarded-For: 203.0.113.9, 192.0.2.1, 10.0.0.2");
    await statusOf(
      `${served.api}/key`,
      ...forged,
      "-H",
      "X-Forwarded-For: 192.0.2.1",
      "-H",
      "X-Forwarded-For: 10.0.0.2",
    );
    expect(await clientsOf(served, 2)).toEqual(["192.0.2.1", "192.0.2.1"]);
  });

  it("is not believed of who is not at a trusted address", async () => {
    await using served = await serve({ S3R_TRUST_PROXY: "10.0.0.0/8" });
    await statusOf(`${served.api}/key`, ...forged);
    expect(await clientsOf(served, 1)).toEqual(["127.0.0.1"]);
  });
});

describe("a Lambda web function", () => {
  it("is imported by its runtime, which goes on while it serves", async () => {
    const port = await freePort();
    const code = `await import(${JSON.stringify(SERVER_ENTRY)}); process.stdout.write("imported\\n");`;
    const env = {
      AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${port}`,
      S3R_BUCKET: stack.bucket,
      S3R_REGION: stack.region,
      S3R_POLICY: OPEN_POLICY,
    };
    const runtime = start(process.execPath, ["--input-type=module", "-e", code], { env });
    try {
      expect(String((await once(runtime.stdout ?? runtime, "data"))[0])).toBe("imported\n");
      await expect.poll(() => statusOf(`http://127.0.0.1:${port}/.s3r/health`)).toBe("200");
    } finally {
      await stopProcess(runtime, "SIGTERM");
    }
    expect(runtime.exitCode).toBe(0);
  });

  it("is the same server, where AWS_LAMBDA_HTTP_ENDPOINT says", async () => {
    const endpoint = `0.0.0.0:${await freePort()}`;
    await using served = await serve({ AWS_LAMBDA_HTTP_ENDPOINT: endpoint, PORT: "1", S3R_POLICY: OPEN_POLICY });
    expect(served.api).toBe(`http://${endpoint}`);
    const exit = once(served.process, "exit");
    expect(await statusOf(`${served.api}/key`)).toBe("307");
    served.process.kill("SIGTERM");
    const started = performance.now();
    await exit;
    // What Lambda gives it, see docs/operations.md.
    expect(performance.now() - started).toBeLessThan(1000);
    expect(served.process.exitCode).toBe(0);
  });
});
