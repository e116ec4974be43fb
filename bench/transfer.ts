/**
 * `s3r` beside the tools that hold the cloud's keys themselves, and curl: the same bytes, the same store, in one run and in turns, so that
 * a noisy machine disturbs all alike. Whole processes with their defaults; the ratios count. Those that are not installed are left out.
 */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { CLIENTS, removal, type Client, type Transfer } from "./clients.ts";
import { measure, median, type Run } from "./measure.ts";
import { startStack, type Stack } from "./stack.ts";

const MEBIBYTE = 1024 ** 2;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    /** Of the one large file. */
    mebibytes: { type: "string", default: "4096" },
    /** `large`, `middle`, `small`; all of them otherwise. */
    only: { type: "string", default: "large,middle,small" },
    /** Names of clients beside s3r. */
    rivals: { type: "string", default: "curl,s5cmd,aws-cli,rclone" },
    /** Where files and store are: a file system in memory leaves the disk out of it. */
    directory: { type: "string", default: tmpdir() },
    /** The store behind TLS, beside curl alone. */
    https: { type: "boolean", default: false },
    /** Nothing of the files is in the memory before each run: for root, on a disk. */
    cold: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

async function writeRandomFile(path: string, mebibytes: number): Promise<void> {
  await using file = await open(path, "w");
  for (let written = 0; written < mebibytes; written += 1) await file.write(randomBytes(MEBIBYTE));
}

async function writeManyFiles(directory: string, count: number, bytes: number): Promise<void> {
  await mkdir(directory);
  for (let number = 0; number < count; number += 1)
    await writeFile(join(directory, `file-${String(number).padStart(5, "0")}`), randomBytes(bytes));
}

interface Contest {
  readonly name: string;
  readonly bytes: number;
  readonly isDirectory: boolean;
  readonly prepare: (path: string) => Promise<void>;
}

const CONTESTS: Readonly<Record<string, Contest>> = {
  large: {
    name: `${values.mebibytes} MiB in one file`,
    bytes: Number(values.mebibytes) * MEBIBYTE,
    isDirectory: false,
    prepare: (path) => writeRandomFile(path, Number(values.mebibytes)),
  },
  middle: {
    name: "200 files of 16 MiB",
    bytes: 200 * 16 * MEBIBYTE,
    isDirectory: true,
    prepare: (path) => writeManyFiles(path, 200, 16 * MEBIBYTE),
  },
  small: {
    name: "10,000 files of 4 KiB",
    bytes: 10_000 * 4096,
    isDirectory: true,
    prepare: (path) => writeManyFiles(path, 10_000, 4096),
  },
};

interface Score {
  readonly contest: string;
  readonly direction: string;
  readonly client: string;
  readonly seconds: number;
  readonly megabytesPerSecond: number;
  readonly cpuSecondsPerGibibyte: number;
  readonly peakMebibytes: number;
  readonly apiCalls: number;
}

interface Entry {
  readonly client: Client;
  readonly runs: (Run & { readonly apiCalls: number })[];
}

async function runOnce(client: Client, transfer: Transfer, stack: Stack): Promise<Entry["runs"][number] | undefined> {
  const command = client.command(transfer, stack);
  if (command === undefined) return undefined;
  if (transfer.direction === "get") {
    await rm(transfer.path, { recursive: true, force: true });
    if (transfer.isDirectory) await mkdir(transfer.path);
  }
  if (transfer.direction === "put") await measure(removal(transfer, stack));
  // https://docs.kernel.org/admin-guide/sysctl/vm.html#drop-caches: what has not reached the disk cannot be dropped.
  if (values.cold) {
    await promisify(execFile)("sync");
    await writeFile("/proc/sys/vm/drop_caches", "3");
  }
  const before = stack.apiCalls();
  const run = await measure(command);
  return { ...run, apiCalls: stack.apiCalls() - before };
}

function score({ client, runs }: Entry, { name, bytes }: Contest, direction: string): Score {
  const seconds = median(runs.map((run) => run.seconds));
  return {
    contest: name,
    direction,
    client: client.name,
    seconds,
    megabytesPerSecond: bytes / seconds / 1e6,
    cpuSecondsPerGibibyte: median(runs.map((run) => run.cpuSeconds)) / (bytes / 1024 ** 3),
    peakMebibytes: Math.max(...runs.map((run) => run.peakBytes)) / MEBIBYTE,
    apiCalls: median(runs.map((run) => run.apiCalls)),
  };
}

/** All clients in turns, round by round, with one key, so that the store holds one copy. What is got was put by s3r, with its checksum. */
async function compete(contest: Contest, path: string, copy: string, stack: Stack): Promise<readonly Score[]> {
  const wanted = new Set(["s3r", ...(values.https ? "curl" : values.rivals).split(",")]);
  const clients = CLIENTS.filter((client) => wanted.has(client.name) && client.isThere());
  const scores: Score[] = [];
  const { isDirectory } = contest;
  const key = isDirectory ? "files/" : "file";
  for (const direction of ["put", "get"] as const) {
    const entries: readonly Entry[] = clients.map((client) => ({ client, runs: [] }));
    const transfer: Transfer = { direction, path: direction === "put" ? path : copy, key, isDirectory };
    const ours = clients.find(({ name }) => name === "s3r");
    if (ours === undefined) throw new Error("there is no s3r: `npx -y pnpm@12 build` makes it");
    if (direction === "get") await runOnce(ours, { ...transfer, direction: "put", path }, stack);
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const { client, runs } of entries) {
        const run = await runOnce(client, transfer, stack);
        if (run !== undefined) runs.push(run);
      }
    }
    scores.push(...entries.filter(({ runs }) => runs.length > 0).map((entry) => score(entry, contest, direction)));
  }
  return scores;
}

/** What s3r took, in parts of what this client took. */
function ratios({ contest, direction, seconds, cpuSecondsPerGibibyte }: Score): readonly number[] {
  const ours = scores.find((each) => each.client === "s3r" && each.contest === contest && each.direction === direction);
  return ours === undefined ? [] : [ours.seconds / seconds, ours.cpuSecondsPerGibibyte / cpuSecondsPerGibibyte];
}

function toRow(each: Score): string {
  const { contest, direction, client, seconds, megabytesPerSecond, cpuSecondsPerGibibyte, peakMebibytes, apiCalls } =
    each;
  const cells = [
    contest,
    direction,
    client,
    seconds.toFixed(2),
    megabytesPerSecond.toFixed(0),
    cpuSecondsPerGibibyte.toFixed(2),
    peakMebibytes.toFixed(0),
    client === "s3r" || client === "curl" ? String(apiCalls) : "",
    ...ratios(each).map((ratio) => ratio.toFixed(2)),
  ];
  return `| ${cells.join(" | ")} |`;
}

const HEAD = `| what | | client | s | MB/s | CPU s/GiB | peak MiB | API calls | s3r's wall to it | s3r's CPU to it |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`;

const directory = await mkdtemp(join(values.directory, "s3r-bench-"));
const scores: Score[] = [];
try {
  for (const name of values.only.split(",")) {
    const contest = CONTESTS[name];
    if (contest === undefined) throw new Error(`there is no contest ${name}`);
    const [path, copy, data] = [join(directory, "source"), join(directory, "copy"), join(directory, "data")];
    await contest.prepare(path);
    const stack = await startStack(data, values.https);
    try {
      scores.push(...(await compete(contest, path, copy, stack)));
    } finally {
      stack.stop();
      for (const used of [path, copy, data]) await rm(used, { recursive: true, force: true });
    }
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
const machine = `${cpus().length} cores of ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}, medians of ${values.rounds} rounds`;
process.stdout.write(
  values.json ? `${JSON.stringify({ scores, machine })}\n` : `${machine}\n\n${HEAD}\n${scores.map(toRow).join("\n")}\n`,
);
