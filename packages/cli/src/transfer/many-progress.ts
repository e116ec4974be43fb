import type { Progress, TransferProgress } from "./progress.ts";

export interface ManyProgress extends Progress, Disposable {}

function counted(count: number): string {
  return count === 1 ? "1 file" : `${count} files`;
}

/** Many transfers, shown as one: how many are done, and the bytes of all. Nothing is shown before the first one begins. */
export function createManyProgress(progress: Progress): ManyProgress {
  let shown: TransferProgress | undefined;
  let sum = 0;
  let ended = 0;
  return {
    begin() {
      shown ??= progress.begin(counted(0), undefined);
      let done = 0;
      return {
        update(bytes) {
          sum += bytes - done;
          done = bytes;
          shown?.update(sum);
        },
        setTotal() {},
        end() {
          ended += 1;
          shown?.rename?.(counted(ended));
        },
      };
    },
    [Symbol.dispose]: () => shown?.end(),
  };
}
