/** A sparse file of 3 GiB through every client: nobody holds it in memory, and the API sees none of it. */
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GIBIBYTE, MEBIBYTE, sha256, writeSparseFile } from "./harness/files.ts";
import { measuredS3r } from "./harness/measured.ts";
import { startRecorder } from "./harness/recorder.ts";
import { curl } from "./harness/run.ts";
import { startServe, startStack, temporaryDirectory, type Served, type Stack } from "./harness/stack.ts";

const SIZE = 3 * GIBIBYTE;

let stack: Stack;
/** The API in a process of its own, so that its memory is its own. */
let served: Served;
let directory: string;
let file: string;
let digest: string;

beforeAll(async () => {
  stack = await startStack();
  served = await startServe(stack, stack.store);
  directory = await temporaryDirectory();
  file = join(directory, "sparse");
  await writeSparseFile(file, SIZE);
  digest = await sha256(file);
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** The most memory that a running process has had so far, in bytes (proc(5), VmHWM). */
async function peakMemory(processId: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${processId}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1]) * 1024;
}

async function expectStored(key: string): Promise<void> {
  const copy = join(directory, "copy");
  expect(await curl(["-fL", "-o", copy, `${served.api}/${key}`])).toMatchObject({ code: 0 });
  expect((await stat(copy)).size).toBe(SIZE);
  expect(await sha256(copy)).toBe(digest);
}

describe("3 GiB", () => {
  it("go up by curl, and not a byte of them to the API", async () => {
    await using recorder = await startRecorder(Number(new URL(served.api).port));
    expect(await curl(["-fL", "-T", file, `http://127.0.0.1:${recorder.port}/by-curl`])).toMatchObject({ code: 0 });
    expect(recorder.bytes()).toBeLessThan(1000);
    await expectStored("by-curl");
  });

  it("go up by curl without Expect, the API reading at most its limit", async () => {
    await using recorder = await startRecorder(Number(new URL(served.api).port));
    expect(
      await curl(["-fL", "-H", "Expect:", "-T", file, `http://127.0.0.1:${recorder.port}/no-expect`]),
    ).toMatchObject({ code: 0 });
    expect(recorder.bytes()).toBeLessThan(65 * MEBIBYTE);
    await expectStored("no-expect");
  });

  it("go up and come down by s3r in less than 200 MiB", async () => {
    const put = await measuredS3r(["put", "-q", file, "by-s3r"], { S3R_ENDPOINT: served.api });
    expect(put).toMatchObject({ code: 0 });
    expect(put.memory).toBeLessThan(200 * MEBIBYTE);
    const copy = join(directory, "by-s3r");
    const get = await measuredS3r(["get", "-q", "by-s3r", copy], { S3R_ENDPOINT: served.api });
    expect(get).toMatchObject({ code: 0 });
    expect(get.memory).toBeLessThan(200 * MEBIBYTE);
    expect(await sha256(copy)).toBe(digest);
  });

  it("leave the API below 120 MiB", async () => {
    expect(await peakMemory(served.process.pid)).toBeLessThan(120 * MEBIBYTE);
  });
});
