/** Adds up the transfers that run at once, and describes where they are. Each event costs the same, however many there are. */
import type { TransferProgress } from "../transfer/progress.ts";
import { formatBytes, formatPercent, formatRate, formatSeconds, printable } from "./format.ts";

export interface ProgressSum {
  begin(name: string, total: number | undefined): TransferProgress;
  readonly done: number;
  /** Nothing while a size is not known. */
  readonly total: number | undefined;
  /** Whether none is under way. */
  readonly isIdle: boolean;
  /** `file 45% 115 MB of 256 MB, 350 MB/s, 1 s left` */
  describe(): string;
}

interface Entry {
  name: string;
  done: number;
  total: number | undefined;
}

/** Of all that began; those that have ended are no more than that. */
interface Sums {
  done: number;
  total: number;
  unknown: number;
}

function setTotal(entry: Entry, sums: Sums, total: number | undefined): void {
  sums.total += (total ?? 0) - (entry.total ?? 0);
  sums.unknown += Number(total === undefined) - Number(entry.total === undefined);
  entry.total = total;
}

function setDone(entry: Entry, sums: Sums, done: number): void {
  sums.done += done - entry.done;
  entry.done = done;
}

function describeAmount({ done, total, unknown }: Sums, elapsed: number): string {
  const rate = formatRate(done, elapsed);
  if (unknown > 0) return [formatBytes(done), rate].filter((part) => part !== "").join(" ");
  const left =
    elapsed > 0 && done > 0 && done < total ? `, ${formatSeconds((elapsed * (total - done)) / done)} left` : "";
  return `${formatPercent(done, total)} ${formatBytes(done)} of ${formatBytes(total)}${rate === "" ? "" : `, ${rate}`}${left}`;
}

/**
 * @param now in milliseconds.
 * @param changed is called whenever something moves.
 */
export function createProgressSum(now: () => number, changed: () => void): ProgressSum {
  const active = new Set<Entry>();
  const sums: Sums = { done: 0, total: 0, unknown: 0 };
  const started = now();
  let latest: Entry | undefined;

  return {
    begin(name, total) {
      const entry: Entry = { name, done: 0, total: 0 };
      setTotal(entry, sums, total);
      active.add(entry);
      latest = entry;
      return {
        update(bytes) {
          setDone(entry, sums, bytes);
          changed();
        },
        setTotal: (bytes) => setTotal(entry, sums, bytes),
        rename(changedName) {
          entry.name = changedName;
        },
        end() {
          active.delete(entry);
          changed();
        },
      };
    },
    get done() {
      return sums.done;
    },
    get total() {
      return sums.unknown === 0 ? sums.total : undefined;
    },
    get isIdle() {
      return active.size === 0;
    },
    describe() {
      const [first = latest] = active;
      const what = active.size > 1 ? `${active.size} files` : printable(first?.name ?? "");
      return `${what} ${describeAmount(sums, now() - started)}`;
    },
  };
}
