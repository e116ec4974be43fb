/** Plain curl and wget are complete clients, and get told when they are not used as such. */
import { rm, stat, writeFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MEBIBYTE, sha256, writeRandomFile } from "./harness/files.ts";
import { OPEN_WITH_TOKEN } from "./harness/policies.ts";
import { startRecorder } from "./harness/recorder.ts";
import { TEST_TOKEN } from "./harness/secret.ts";
import { curl, run } from "./harness/run.ts";
import { startServe, startStack, temporaryDirectory, type Stack } from "./harness/stack.ts";

let stack: Stack;
let directory: string;
let file: string;

beforeAll(async () => {
  stack = await startStack();
  directory = await temporaryDirectory();
  file = join(directory, "file");
  await writeRandomFile(file, 8 * MEBIBYTE);
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function download(key: string): Promise<string> {
  const copy = join(directory, "copy");
  expect(await curl(["-fL", "-o", copy, `${stack.api}/${key}`])).toMatchObject({ code: 0 });
  return await sha256(copy);
}

function statusOf(args: readonly string[]): Promise<string> {
  return curl(["-o", "/dev/null", "-w", "%{http_code}", ...args]).then(({ stdout }) => stdout);
}

describe("curl -L -T", () => {
  it("sends no byte of the body to the API", async () => {
    await using recorder = await startRecorder(Number(new URL(stack.api).port));
    expect(await curl(["-fL", "-T", file, `http://127.0.0.1:${recorder.port}/expect`])).toMatchObject({ code: 0 });
    expect(recorder.bytes()).toBeLessThan(1000);
    expect(await download("expect")).toBe(await sha256(file));
  });

  it("gets its answer without Expect too, and does not send it all to the API", async () => {
    expect(await curl(["-fL", "-H", "Expect:", "-T", file, `${stack.api}/no-expect`])).toMatchObject({ code: 0 });
    expect(await download("no-expect")).toBe(await sha256(file));
  });

  it("uploads stdin of a known length", async () => {
    const input = await readFile(file);
    const args = [
      "-fL",
      "-T",
      "-",
      "-H",
      `Content-Length: ${input.byteLength}`,
      "-H",
      "Transfer-Encoding:",
      `${stack.api}/stdin`,
    ];
    expect(await curl(args, { input })).toMatchObject({ code: 0 });
    expect(await download("stdin")).toBe(await sha256(file));
  });

  it("is refused stdin of unknown length with 411, and stores nothing", async () => {
    const refused = await curl(["-fL", "-T", "-", `${stack.api}/unknown`], { input: "hello" });
    expect(refused.code).toBe(22);
    expect(refused.stderr).toContain("411");
    expect(await statusOf(["-L", `${stack.api}/unknown`])).toBe("404");
  });
});

describe("curl without -L", () => {
  it("shows the hint", async () => {
    const { stdout } = await curl(["-T", file, `${stack.api}/hint`]);
    expect(stdout).toBe("Not stored yet: repeat this request, with its body, at the Location (curl -fL -T does).\n");
    expect(await statusOf(["-L", `${stack.api}/hint`])).toBe("404");
  });

  it("gets a presigned URL for the second of two steps, and the API none of the body", async () => {
    const url = await curl([
      "-f",
      "-o",
      "/dev/null",
      "-w",
      "%{redirect_url}",
      "-X",
      "PUT",
      "-H",
      `S3r-Content-Length: ${8 * MEBIBYTE}`,
      `${stack.api}/two-step`,
    ]);
    expect(await curl(["-f", "-T", file, url.stdout])).toMatchObject({ code: 0 });
    expect(await download("two-step")).toBe(await sha256(file));
  });
});

describe("a URL signed for one body", () => {
  it("takes no other length, and leaves the old object alone", async () => {
    await curl(["-fL", "-T", file, `${stack.api}/replayed`]);
    const { stdout: url } = await curl([
      "-o",
      "/dev/null",
      "-w",
      "%{redirect_url}",
      "-T",
      file,
      `${stack.api}/replayed`,
    ]);
    expect(await statusOf(["-X", "PUT", "-H", "Content-Length: 0", url])).toBe("403");
    await writeFile(join(directory, "short"), "short");
    expect(await statusOf(["-T", join(directory, "short"), url])).toBe("403");
    expect(await download("replayed")).toBe(await sha256(file));
  });
});

describe("curl", () => {
  it("drops Authorization at the store, which would refuse it beside the signature", async () => {
    await using recorder = await startRecorder(Number(new URL(stack.store).port));
    await using served = await startServe(stack, `http://localhost:${recorder.port}`, { S3R_POLICY: OPEN_WITH_TOKEN });
    const bearer = ["-H", `Authorization: Bearer ${TEST_TOKEN}`];
    expect(await curl(["-fL", ...bearer, "-T", file, `${served.api}/bearer`])).toMatchObject({ code: 0 });
    expect(await curl(["-fL", ...bearer, "-o", "/dev/null", `${served.api}/bearer`])).toMatchObject({ code: 0 });
    expect(recorder.heads()).toHaveLength(2);
    expect(recorder.heads().join("")).not.toMatch(/^authorization:|t0p-s3cret/imu);
    expect(await statusOf(["-L", "--location-trusted", ...bearer, `${served.api}/bearer`])).toBe("400");
  });

  it("resumes, and finds a complete file complete", async () => {
    await curl(["-fL", "-T", file, `${stack.api}/resumed`]);
    const partial = join(directory, "partial");
    await writeFile(partial, (await readFile(file)).subarray(0, 3_000_000));
    expect(await curl(["-fL", "-C", "-", "-o", partial, `${stack.api}/resumed`])).toMatchObject({ code: 0 });
    expect(await sha256(partial)).toBe(await sha256(file));
    await curl(["-L", "-C", "-", "-o", partial, `${stack.api}/resumed`]);
    expect((await stat(partial)).size).toBe(8 * MEBIBYTE);
  });

  it("does HEAD, Range, conditions and DELETE", async () => {
    await curl(["-fL", "-T", file, `${stack.api}/all`]);
    const head = await curl(["-fLI", `${stack.api}/all`]);
    expect(head.stdout).toMatch(/content-length: 8388608\r/iu);
    const etag = /^etag: (.*?)\r$/imu.exec(head.stdout)?.[1] ?? "";
    expect(await statusOf(["-L", "-r", "0-9", `${stack.api}/all`])).toBe("206");
    expect(await statusOf(["-L", "-H", `If-None-Match: ${etag}`, `${stack.api}/all`])).toBe("304");
    expect(await statusOf(["-L", "-H", "If-None-Match: *", "-T", file, `${stack.api}/all`])).toBe("412");
    expect(await statusOf(["-L", "-X", "DELETE", `${stack.api}/all`])).toBe("204");
    expect(await statusOf(["-L", `${stack.api}/all`])).toBe("404");
  });

  it("gets 400 for dot segments that it was told to leave alone", async () => {
    expect(await statusOf(["--path-as-is", `${stack.api}/a/../b`])).toBe("400");
  });
});

describe("wget", () => {
  it("gets and puts", async () => {
    await curl(["-fL", "-T", file, `${stack.api}/wget`]);
    const copy = join(directory, "wget-copy");
    expect(await run("wget", ["-q", "-O", copy, `${stack.api}/wget`])).toMatchObject({ code: 0 });
    expect(await sha256(copy)).toBe(await sha256(file));
    const put = await run("wget", ["-q", "-O", "-", "--method=PUT", `--body-file=${file}`, `${stack.api}/wget-put`]);
    expect(put).toMatchObject({ code: 0 });
    expect(await download("wget-put")).toBe(await sha256(file));
  });
});
