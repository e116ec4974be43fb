/**
 * Keeps garbage from piling up. V8 lets it grow to several times what is in use, on a machine with much memory, before it looks: half of what
 * s3r would take with thousands of small files is that.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** The old objects may double between collections, instead of growing fourfold. */
const GROWTH_PERCENT = 100;
/** More room for the new ones makes collections rarer, but not faster. */
const NEW_SPACE_BYTES = 16_000_000;

/** For the process. These flags are read again at each collection; the one for the size of the new space is not. */
export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  const observer = new PerformanceObserver(() => {
    const size = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_size ?? 0;
    if (size < NEW_SPACE_BYTES) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}
