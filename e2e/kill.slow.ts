/** kill -9 at any moment: the old object or none, the old file or none, never a torn one. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MEBIBYTE, sha256, writeRandomFile } from "./harness/files.ts";
import { curl, s3r, s3rArguments, start } from "./harness/run.ts";
import { startStack, stopProcess, temporaryDirectory } from "./harness/stack.ts";

let directory: string;
let large: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
  large = join(directory, "large");
  await writeRandomFile(large, 64 * MEBIBYTE);
  await writeFile(join(directory, "old"), "the old one");
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("kill -9 of the store in mid upload", () => {
  it("leaves the old object, and no object where there was none", async () => {
    const data = join(directory, "data");
    const first = await startStack({ directory: data });
    expect(await s3r(first.api, ["put", "-q", join(directory, "old"), "replaced"])).toMatchObject({ code: 0 });
    const uploads = ["replaced", "new"].map((key) =>
      curl(["-fL", "--limit-rate", "16M", "-T", large, `${first.api}/${key}`]),
    );
    await delay(700);
    await first.stop("SIGKILL");
    for (const { code } of await Promise.all(uploads)) expect(code).not.toBe(0);

    await using second = await startStack({ directory: data });
    expect((await curl(["-fL", `${second.api}/replaced`])).stdout).toBe("the old one");
    expect((await curl(["-L", "-o", "/dev/null", "-w", "%{http_code}", `${second.api}/new`])).stdout).toBe("404");
    expect((await curl(["-fL", `${second.api}/?list-type=2`])).stdout.match(/<Key>/gu)).toHaveLength(1);
  });
});

describe("kill -9 of s3r", () => {
  it("in mid upload leaves the old object", async () => {
    await using stack = await startStack();
    await s3r(stack.api, ["put", "-q", join(directory, "old"), "k"]);
    for (const milliseconds of [200, 350]) {
      const child = start(process.execPath, s3rArguments(["put", "-q", large, "k"]), {
        env: { S3R_ENDPOINT: stack.api },
      });
      await delay(milliseconds);
      await stopProcess(child, "SIGKILL");
      const { stdout } = await curl(["-fLI", `${stack.api}/k`]);
      // The last head is the store's.
      const length = Number([...stdout.matchAll(/content-length: (\d+)\r/giu)].at(-1)?.[1]);
      expect([11, 64 * MEBIBYTE]).toContain(length);
    }
  });

  it("in mid download leaves the old file", async () => {
    await using stack = await startStack();
    await s3r(stack.api, ["put", "-q", large, "k"]);
    const target = join(directory, "target");
    for (const milliseconds of [200, 320]) {
      await writeFile(target, "the old one");
      const child = start(process.execPath, s3rArguments(["get", "-q", "k", target]), {
        env: { S3R_ENDPOINT: stack.api },
      });
      await delay(milliseconds);
      await stopProcess(child, "SIGKILL");
      const whole = (await readFile(target)).byteLength === 11 ? "the old one" : await sha256(target);
      expect(["the old one", await sha256(large)]).toContain(whole);
    }
  });
});

describe("Ctrl-C", () => {
  it("in mid download exits with 130 and leaves nothing behind", async () => {
    await using stack = await startStack();
    await s3r(stack.api, ["put", "-q", large, "k"]);
    const folder = await temporaryDirectory();
    const child = start(process.execPath, s3rArguments(["get", "-q", "k", join(folder, "target")]), {
      env: { S3R_ENDPOINT: stack.api },
    });
    while (child.exitCode === null && (await readdir(folder)).length === 0) await delay(2);
    const code = await stopProcess(child, "SIGINT");
    expect([130, 0]).toContain(code);
    expect(await readdir(folder)).toEqual(code === 0 ? ["target"] : []);
    await rm(folder, { recursive: true });
  });
});
