/** Adds up the transfers that run at once, and describes where they are. */
import type { TransferProgress } from "../transfer/progress.ts";
import { formatBytes, formatPercent, formatRate, formatSeconds, printable } from "./format.ts";

export interface ProgressSum {
  begin(name: string, total: number | undefined): TransferProgress;
  readonly done: number;
  /** Nothing while a size is not known. */
  readonly total: number | undefined;
  readonly names: readonly string[];
  /** `file 45% 115 MB of 256 MB, 350 MB/s, 1 s left` */
  describe(): string;
}

interface Entry {
  readonly name: string;
  done: number;
  total: number | undefined;
  ended: boolean;
}

/**
 * @param now in milliseconds.
 * @param changed is called whenever something moves.
 */
export function createProgressSum(now: () => number, changed: () => void): ProgressSum {
  const entries: Entry[] = [];
  const started = now();
  const sum = (of: (entry: Entry) => number): number => entries.reduce((all, entry) => all + of(entry), 0);

  const progress: ProgressSum = {
    begin(name, total) {
      const entry: Entry = { name, done: 0, total, ended: false };
      entries.push(entry);
      return {
        update(bytes) {
          entry.done = bytes;
          changed();
        },
        setTotal(bytes) {
          entry.total = bytes;
        },
        end() {
          entry.ended = true;
          changed();
        },
      };
    },
    get done() {
      return sum(({ done }) => done);
    },
    get total() {
      return entries.every(({ total }) => total !== undefined) ? sum(({ total }) => total ?? 0) : undefined;
    },
    get names() {
      return entries.filter(({ ended }) => !ended).map(({ name }) => name);
    },
    describe() {
      const { done, total, names } = progress;
      const elapsed = now() - started;
      const what = names.length > 1 ? `${names.length} files` : printable(names[0] ?? entries.at(-1)?.name ?? "");
      const rate = formatRate(done, elapsed);
      if (total === undefined) return [what, formatBytes(done), rate].filter((part) => part !== "").join(" ");
      const left =
        elapsed > 0 && done > 0 && done < total ? `, ${formatSeconds((elapsed * (total - done)) / done)} left` : "";
      return `${what} ${formatPercent(done, total)} ${formatBytes(done)} of ${formatBytes(total)}${rate === "" ? "" : `, ${rate}`}${left}`;
    },
  };
  return progress;
}
