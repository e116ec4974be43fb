/** Keeps a bounded number of tasks under way. */

export interface Running {
  /** Begins the task when there is room, and does not wait for its end. @throws what a task before it has thrown. */
  start(weight: number, task: () => Promise<void>): Promise<void>;
  /** Waits until all that was begun has ended; throws nothing. */
  settle(): Promise<void>;
  /** @throws what the first failed task has thrown. */
  throwIfFailed(): void;
}

/** Beside those that hold a lane some wait for one, so that no lane is ever empty. */
const MINIMUM = 64;

/** @param lanes how many may work at a time. */
export function createRunning(lanes: () => number): Running {
  let load = 0;
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;
  const isIdle = (): boolean => load === 0;
  const hasRoomFor = (weight: number): boolean => isIdle() || load + weight <= Math.max(MINIMUM, 2 * lanes());

  async function untilSomeEnd(): Promise<void> {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  function throwIfFailed(): void {
    if (failure !== undefined) throw failure.error;
  }
  function end(weight: number): void {
    load -= weight;
    wake?.();
  }

  return {
    async start(weight, task) {
      while (!hasRoomFor(weight)) await untilSomeEnd();
      throwIfFailed();
      load += weight;
      task().then(
        () => end(weight),
        (error: unknown) => {
          failure ??= { error };
          end(weight);
        },
      );
    },
    async settle() {
      while (!isIdle()) await untilSomeEnd();
    },
    throwIfFailed,
  };
}
