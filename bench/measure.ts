/** A command as a whole process, and what it took: read from Linux's /proc while it runs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

export interface Run {
  /** Wall time. */
  readonly seconds: number;
  /** User and system time of the process and its threads. */
  readonly cpuSeconds: number;
  /** Peak resident set, in bytes. */
  readonly peakBytes: number;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const POLL_MILLISECONDS = 10;
/** `sysconf(_SC_CLK_TCK)`, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface Usage {
  cpuSeconds: number;
  peakBytes: number;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 14 to 17, of the process and of its children. */
function readUsage(pid: number, usage: Usage): void {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    usage.cpuSeconds = Math.max(usage.cpuSeconds, ticks / TICKS_PER_SECOND);
    const peak = /^VmHWM:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    usage.peakBytes = Math.max(usage.peakBytes, Number(peak ?? 0) * 1024);
  } catch {
    // It has just ended.
  }
}

/** @throws Error when it fails. */
export async function measure({ program, args, env = {} }: Command): Promise<Run> {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } });
  const usage: Usage = { cpuSeconds: 0, peakBytes: 0 };
  const poll = setInterval(() => readUsage(child.pid ?? 0, usage), POLL_MILLISECONDS);
  try {
    const closed: unknown[] = await once(child, "close");
    if (closed[0] !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${String(closed[0])}`);
    return { seconds: (performance.now() - started) / 1000, ...usage };
  } finally {
    clearInterval(poll);
  }
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
