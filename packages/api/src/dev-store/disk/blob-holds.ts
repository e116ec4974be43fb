/** Keeps blobs from being removed while they are sent. */
import type { Segment } from "./records.ts";

export interface BlobHolds {
  /** Runs a task while which these blobs stay. They are held from the call on, not from the first turn of the loop. */
  during(segments: readonly Segment[], task: () => Promise<void>): Promise<void>;
  /** Removes what nobody reads, and the rest after its last reader. */
  remove(segments: readonly Segment[]): Promise<void>;
}

/**
 * An object's later segments are opened long after its answer has begun, and S3 sends the object as it was
 * then, whatever becomes of it meanwhile.
 */
export function createHolds(removeOne: (blob: string) => Promise<void>): BlobHolds {
  const readers = new Map<string, number>();
  const condemned = new Set<string>();

  async function release(blob: string): Promise<void> {
    const left = (readers.get(blob) ?? 1) - 1;
    if (left > 0) return void readers.set(blob, left);
    readers.delete(blob);
    if (condemned.delete(blob)) await removeOne(blob);
  }

  return {
    async during(segments, task) {
      for (const { blob } of segments) readers.set(blob, (readers.get(blob) ?? 0) + 1);
      try {
        await task();
      } finally {
        for (const { blob } of segments) await release(blob);
      }
    },
    async remove(segments) {
      const free = segments.filter(({ blob }) => !readers.has(blob));
      for (const { blob } of segments) if (readers.has(blob)) condemned.add(blob);
      await Promise.all(free.map(({ blob }) => removeOne(blob)));
    },
  };
}
