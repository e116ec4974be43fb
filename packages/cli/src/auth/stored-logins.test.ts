/** The file of logins: who may read it, and that none is lost. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { textOf } from "../testing/thrown-by.ts";
import { changeLogins, readLogins } from "./stored-logins.ts";

const LOGIN = { token: "t0p-s3cret", storedAt: "2026-11-23T08:00:00.000Z" };

let root: string;
let path: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "s3r-logins-"));
  path = join(root, "config", "s3r", "credentials.json");
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function add(endpoint: string): Promise<void> {
  await changeLogins(path, (logins) => new Map([...logins, [endpoint, LOGIN]]), delay);
}

async function modeOf(name: string): Promise<number> {
  return (await stat(name)).mode & 0o777;
}

async function write(text: string, mode = 0o600): Promise<void> {
  await mkdir(join(root, "config", "s3r"), { recursive: true });
  await writeFile(path, text, { mode });
}

describe("the file", () => {
  it("is made with its directory, for its owner alone", async () => {
    await add("https://a.example/");
    expect([await modeOf(path), await modeOf(join(root, "config", "s3r"))]).toEqual([0o600, 0o700]);
    expect(await readLogins(path)).toEqual(new Map([["https://a.example/", LOGIN]]));
  });

  it("takes the directory from others if it was there before", async () => {
    await mkdir(join(root, "config", "s3r"), { recursive: true, mode: 0o755 });
    await add("https://a.example/");
    expect(await modeOf(join(root, "config", "s3r"))).toBe(0o700);
  });

  it("keeps what other logins have stored, and leaves no other file behind", async () => {
    await add("https://a.example/");
    await add("https://b.example/");
    expect([...(await readLogins(path)).keys()]).toEqual(["https://a.example/", "https://b.example/"]);
    expect(await readdir(join(root, "config", "s3r"))).toEqual(["credentials.json"]);
  });

  it("has all logins that were made at the same time", async () => {
    const endpoints = Array.from({ length: 8 }, (_, index) => `https://${index}.example/`);
    await Promise.all(endpoints.map(add));
    expect([...(await readLogins(path)).keys()].sort()).toEqual(endpoints);
  });

  it("is not there, and so holds nothing", async () => {
    expect(await readLogins(path)).toEqual(new Map());
  });

  it.each([0o640, 0o604, 0o620, 0o644])("of mode %o is refused with the command that mends it", async (mode) => {
    await add("https://a.example/");
    await chmod(path, mode);
    const expected = { code: "Usage", hint: expect.stringContaining(`chmod 600 ${path}`) };
    await expect(readLogins(path)).rejects.toMatchObject(expected);
    await expect(add("https://b.example/")).rejects.toMatchObject(expected);
  });

  it.each(["", "[]", '{"version":2}', '{"version":1,"endpoints":{"x":{"token":5}}}', '{"t0p-s3cret'])(
    "that holds %j is refused, not shown and not replaced",
    async (text) => {
      await write(text);
      const error = await add("https://a.example/").catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "Usage", message: expect.stringContaining(path) });
      expect(textOf(error)).not.toContain("t0p-s3cret");
      expect(await readFile(path, "utf8")).toBe(text);
      expect(await readdir(join(root, "config", "s3r"))).toEqual(["credentials.json"]);
    },
  );
});

describe("a change", () => {
  it("waits for another one, and names its lock when that stays", async () => {
    await write('{"version":1,"endpoints":{}}');
    await writeFile(`${path}.lock`, "");
    const waits: number[] = [];
    const sleep = (milliseconds: number): Promise<void> => {
      waits.push(milliseconds);
      return Promise.resolve();
    };
    const error = changeLogins(path, (logins) => logins, sleep);
    await expect(error).rejects.toMatchObject({ code: "LocalIo", reason: `${path}.lock is there` });
    expect(waits.length).toBeGreaterThan(10);
    expect(await readdir(join(root, "config", "s3r"))).toContain("credentials.json.lock");
  });

  it("that is none leaves the file alone", async () => {
    await changeLogins(path, () => undefined, delay);
    expect(await readdir(join(root, "config", "s3r"))).toEqual([]);
  });

  it("says what is in its way", async () => {
    await writeFile(join(root, "config"), "");
    await expect(add("https://a.example/")).rejects.toMatchObject({ code: "LocalIo" });
  });
});
