/** What only a process can show: its own streams, signals and exit code. */
import { open, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBin, type RunningBin } from "./testing/start-bin.ts";
import { storedObject } from "./testing/stored-object.ts";
import { startTestWorld, type TestWorld } from "./testing/test-world.ts";

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

function start(args: readonly string[], stdin?: number): RunningBin {
  return startBin(args, {
    endpoint: test.api.endpoint,
    cwd: test.directory,
    ...(stdin === undefined ? {} : { stdin }),
  });
}

describe("stdin", () => {
  it("is put from a pipe", async () => {
    const running = start(["put", "-q", "-", "piped"]);
    running.child.stdin?.end("from a pipe");
    expect(await running.finished()).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(test.store.objects.get("piped")?.bytes.toString()).toBe("from a pipe");
  });

  it("is put from a file, from where the file stands", async () => {
    await writeFile(join(test.directory, "file"), "head\ntail");
    await using file = await open(join(test.directory, "file"));
    await file.read(Buffer.alloc(5), 0, 5, null);
    expect(await start(["put", "-q", "-", "k"], file.fd).finished()).toMatchObject({ code: 0 });
    expect(test.store.objects.get("k")?.bytes.toString()).toBe("tail");
  });

  it("of more than a part goes up in parts, though its length is unknown", async () => {
    const running = start(["put", "-q", "-", "k"]);
    running.child.stdin?.end(Buffer.alloc(17 * 1024 * 1024, "x"));
    expect(await running.finished()).toMatchObject({ code: 0, stderr: "" });
    expect(test.store.objects.get("k")?.bytes.equals(Buffer.alloc(17 * 1024 * 1024, "x"))).toBe(true);
  });
});

describe("a token", () => {
  it("is taken from a pipe by login, and used by the next process", async () => {
    const token = "t0p-s3cret-of-the-pipe";
    test.api.answerNext({ status: 404 });
    const login = start(["login", "-v"]);
    login.child.stdin?.end(`${token}\n`);
    const { code, stdout, stderr } = await login.finished();
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(login.child.spawnargs.join(" ") + stderr).not.toContain(token);
    expect(await start(["rm", "-q", "k"]).finished()).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(test.api.seen.map(({ headers }) => headers["authorization"])).toEqual([
      `Bearer ${token}`,
      `Bearer ${token}`,
    ]);
    await rm(join(test.directory, ".config"), { recursive: true });
  });

  it("is ended by a signal while it waits for one", async () => {
    const running = start(["ls", "-v", "--token-file", "-"]);
    while (!running.said().includes("token from --token-file - (stdin)")) await delay(5);
    running.child.kill("SIGTERM");
    expect((await running.finished()).code).toBe(143);
    expect(test.api.seen).toEqual([]);
  });
});

describe("stdout", () => {
  it("D45: that nobody reads any more ends it quietly", async () => {
    test.store.objects.set("k", storedObject(Buffer.alloc(4 * 1024 * 1024)));
    const running = start(["get", "-q", "k", "-"]);
    running.child.stdout?.destroy();
    expect(await running.finished()).toMatchObject({ code: 141, stderr: "" });
  });
});

describe("a signal", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s in mid download leaves nothing behind", async (signal, code) => {
    test.store.objects.set("k", storedObject(Buffer.from("hello")));
    test.store.failNext("stall");
    const running = start(["get", "-q", "k", "target"]);
    while (test.store.seen.length === 0) await delay(5);
    running.child.kill(signal);
    expect((await running.finished()).code).toBe(code);
    expect(await readdir(test.directory)).toEqual([]);
  });

  it("ends it while it waits for stdin", async () => {
    const running = start(["put", "-q", "-", "k"]);
    // More than a pipe holds: when it is gone, somebody reads.
    await new Promise((resolve) => {
      running.child.stdin?.write(Buffer.alloc(1024 * 1024), resolve);
    });
    running.child.kill("SIGINT");
    expect((await running.finished()).code).toBe(130);
  });
});
