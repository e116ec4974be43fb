/** `s3r` against the server: whole files, parts, what was interrupted, and many files. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { MEBIBYTE, sha256, writeRandomFile } from "../harness/files.ts";
import { s3rArguments, start } from "../harness/run.ts";
import { stopProcess } from "../harness/stack.ts";
import { contract } from "./contract.ts";
import type { Store } from "./store.ts";

async function writeSource(store: Store, name: string, size: number): Promise<string> {
  const file = join(store.directory, name);
  await writeRandomFile(file, size);
  return file;
}

/** Exit codes of put and get, and whether the copy has the source's SHA-256. */
async function putAndGet(store: Store, size: number, ...options: readonly string[]): Promise<readonly unknown[]> {
  const key = store.key("file");
  const file = await writeSource(store, `source-${size}`, size);
  const put = await store.s3r("put", "-q", ...options, file, key);
  const copy = `${file}.copy`;
  const got = await store.s3r("get", "-q", key, copy);
  return [put.code, put.stderr, got.code, got.stderr, got.code === 0 && (await sha256(copy)) === (await sha256(file))];
}

const SAME = [0, "", 0, "", true];

contract("s3r", "puts and gets zero bytes", SAME, async (store) => putAndGet(store, 0));

contract("s3r", "puts and gets 1 MiB and a byte", SAME, async (store) => putAndGet(store, MEBIBYTE + 1));

contract("s3r", "puts in parts of 5 MiB and gets in ranges (40 MiB)", SAME, async (store) =>
  putAndGet(store, 40 * MEBIBYTE, "--part-size", "5MiB"),
);

contract("s3r", "puts in parts with SHA-256", SAME, async (store) =>
  putAndGet(store, 11 * MEBIBYTE, "--part-size", "5MiB", "--checksum", "sha256"),
);

contract("s3r", "puts in parts with CRC64NVME", SAME, async (store) =>
  putAndGet(store, 12 * MEBIBYTE, "--part-size", "5MiB", "--checksum", "crc64nvme"),
);

contract("s3r", "puts a stream of 12 MiB", [0, 0, true], async (store) => {
  const key = store.key("stream");
  const file = await writeSource(store, "stream", 12 * MEBIBYTE);
  const put = await store.s3rReading(file, "put", "-q", "-", key);
  const got = await store.s3r("get", "-q", key, `${file}.copy`);
  return [put.code, got.code, (await sha256(file)) === (await sha256(`${file}.copy`))];
});

contract("s3r", "verifies what it gets by the checksum that the server has kept", "CRC32", async (store) => {
  const key = store.key("verified");
  const file = await writeSource(store, "verified", 1000);
  await store.s3r("put", "-q", file, key);
  const { stdout } = await store.s3r("get", "--json", key, `${file}.copy`);
  return /"checksum":\{"algorithm":"(\w+)"/u.exec(stdout)?.[1] ?? stdout;
});

contract(
  "s3r",
  "says with exit 3 that there is no such key",
  3,
  async (store) => (await store.s3r("get", "-q", store.key("absent"), "-")).code,
);

contract(
  "s3r",
  "puts with --no-clobber once, then exits with 6, in one piece and in parts",
  [0, 6, 0, 6],
  async (store) => {
    const file = await writeSource(store, "clobber", 6 * MEBIBYTE);
    const [whole, parts] = [store.key("whole"), store.key("parts")];
    const codes: number[] = [];
    for (const args of [
      [file, whole],
      [file, whole],
      ["--part-size", "5MiB", file, parts],
      ["--part-size", "5MiB", file, parts],
    ])
      codes.push((await store.s3r("put", "-q", "--no-clobber", ...args)).code);
    return codes;
  },
);

/** Whether it was stopped with parts on record. */
async function isRemembered(store: Store): Promise<boolean> {
  const names = await readdir(join(store.directory, "s3r", "uploads")).catch(() => []);
  return names.some((name) => name.endsWith(".json"));
}

/** Kills an upload in parts as soon as a part is on the record. */
async function interruptedPut(store: Store, args: readonly string[]): Promise<void> {
  const child = start(process.execPath, s3rArguments(args), {
    env: { S3R_ENDPOINT: store.api, XDG_STATE_HOME: store.directory },
  });
  for (let waited = 0; waited < 400 && child.exitCode === null; waited += 1) {
    if (await isRemembered(store)) break;
    await delay(25);
  }
  await delay(150);
  await stopProcess(child, "SIGKILL");
}

contract(
  "s3r",
  "goes on with an upload that was killed, and what was there is not sent again",
  [0, true, true],
  async (store) => {
    const key = store.key("resumed");
    const file = await writeSource(store, "resumed", 100 * MEBIBYTE);
    const args = ["put", "--json", "--part-size", "5MiB", "--concurrency", "2", file, key];
    await interruptedPut(store, args);
    const again = await store.s3r(...args);
    const reused = Number(/"reused":(\d+)/u.exec(again.stdout)?.[1]);
    await store.s3r("get", "-q", key, `${file}.copy`);
    return [again.code, reused > 0, (await sha256(file)) === (await sha256(`${file}.copy`))];
  },
);

const NAMES = [
  "plain.txt",
  "with space",
  "a+b&c=d?e#f%20",
  'it\'s "<tag>"',
  "日本語/é/😀.bin",
  ".hidden/.file",
  "a.b/x",
  "a/x",
  "a-b/x",
];

async function readTree(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const lines = files.map(async (file) => `${file.slice(directory.length + 1)} ${await readFile(file, "utf8")}`);
  return (await Promise.all(lines)).toSorted();
}

async function writeTree(directory: string): Promise<void> {
  for (const name of NAMES) {
    await mkdir(join(directory, name, ".."), { recursive: true });
    await writeFile(join(directory, name), name);
  }
}

contract(
  "s3r",
  "puts, lists, syncs, gets and deletes a directory of odd names",
  [0, NAMES.length, 0, 0, 0, true, 0, ""],
  async (store) => {
    const [tree, copy, prefix] = [join(store.directory, "tree"), join(store.directory, "tree-copy"), store.key("")];
    await writeTree(tree);
    const put = await store.s3r("put", "-q", "-r", tree, prefix);
    const listed = await store.s3r("ls", "-r", "--json", prefix);
    const sync = await store.s3r("sync", "--dry-run", tree, prefix);
    const got = await store.s3r("get", "-q", "-r", prefix, copy);
    const same = JSON.stringify(await readTree(tree)) === JSON.stringify(await readTree(copy));
    const removed = await store.s3r("rm", "-q", "-r", "--force", prefix);
    const left = await store.s3r("ls", "-r", prefix);
    const keys = listed.stdout.match(/"key":/gu)?.length;
    return [put.code, keys, sync.code, sync.stdout.length, got.code, same, removed.code, left.stdout];
  },
);
