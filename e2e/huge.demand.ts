/**
 * 50 GiB up and down: memory does not grow with the size. Run on demand; it takes minutes, 50 GiB of disk for the store, and a device for the copy
 * that has as much room (`S3R_TEST_COPY_DIRECTORY`: a tmpfs of that size will do), since s3r looks first, and cannot know that most of it are holes.
 */
import { createHash } from "node:crypto";
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { GIBIBYTE, MEBIBYTE, writeSparseFile } from "./harness/files.ts";
import { measuredS3r } from "./harness/measured.ts";
import { startStack, temporaryDirectory } from "./harness/stack.ts";

const SIZE = 50 * GIBIBYTE;
const MAX_MEMORY = 200 * MEBIBYTE;

/** Of some bytes that are no zeros: at the start, across a part's border, and at the end. */
const MARKS = [0, 16 * MEBIBYTE - 3, SIZE - 7];

async function mark(path: string): Promise<void> {
  await using file = await open(path, "r+");
  for (const position of MARKS) await file.write("marked!", position);
}

/** Of the marks, and of a mebibyte here and there: all of it has been held against its CRC by s3r already. */
async function sample(path: string): Promise<string> {
  await using file = await open(path);
  const hash = createHash("sha256");
  const positions = [...MARKS, ...Array.from({ length: 50 }, (_, index) => index * GIBIBYTE)];
  for (const position of positions) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MEBIBYTE), 0, MEBIBYTE, position);
    hash.update(buffer.subarray(0, bytesRead));
  }
  return hash.digest("hex");
}

it("50 GiB go up and come down in less than 200 MiB of memory, with few questions to the API", async () => {
  const directory = await temporaryDirectory();
  const copy = join(process.env["S3R_TEST_COPY_DIRECTORY"] ?? directory, "copy");
  try {
    await using stack = await startStack({ directory: join(directory, "data") });
    const file = join(directory, "sparse");
    await writeSparseFile(file, SIZE);
    await mark(file);
    const env = { S3R_ENDPOINT: stack.api, XDG_STATE_HOME: join(directory, "state") };
    const put = await measuredS3r(["put", "-q", file, "k"], env);
    expect(put).toMatchObject({ code: 0 });
    expect(put.memory).toBeLessThan(MAX_MEMORY);
    const calls = new Set(stack.accessLog().map(({ requestId }) => requestId)).size;
    const get = await measuredS3r(["get", "-q", "k", copy], env);
    expect(get).toMatchObject({ code: 0 });
    expect(get.memory).toBeLessThan(MAX_MEMORY);
    expect((await stat(copy)).size).toBe(SIZE);
    expect(await sample(copy)).toBe(await sample(file));
    expect(calls).toBeLessThanOrEqual(12);
    process.stdout.write(
      `put ${Math.round(put.memory / MEBIBYTE)} MiB with ${calls} API calls, get ${Math.round(get.memory / MEBIBYTE)} MiB\n`,
    );
  } finally {
    for (const used of [copy, directory]) await rm(used, { recursive: true, force: true });
  }
});
