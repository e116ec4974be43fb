/** Runs tasks of the same name one after another, tasks of different names side by side. */
export type KeyedLock = <Result>(name: string, task: () => Promise<Result>) => Promise<Result>;

export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();

  return async function run(name, task) {
    const before = tails.get(name) ?? Promise.resolve();
    // Whether the one before has failed is its own caller's business.
    const mine = before.then(task, task);
    tails.set(name, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(name) === mine) tails.delete(name);
    }
  };
}
