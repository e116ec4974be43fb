import { ProtocolError } from "@s3r/shared";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { issuerTrouble } from "./issuer-trouble.ts";
import { createKeyCache, type KeyCache } from "./key-cache.ts";
import { createClock, type Clock } from "./testing/create-clock.ts";
import { expectUnavailable } from "./testing/expect-refusal.ts";

interface Issuer {
  /** What the next loads do. */
  error: Error | undefined;
  /** When loads began. */
  readonly loads: Date[];
  readonly clock: Clock;
  readonly cache: KeyCache<number>;
}

/** Gives the number of the load as its keys. */
function startCache(): Issuer {
  const [clock, loads]: [Clock, Date[]] = [createClock(), []];
  const issuer: Issuer = { error: undefined, loads, clock, cache: createKeyCache(load, clock.now) };
  async function load(): Promise<number> {
    loads.push(clock.now());
    await Promise.resolve();
    if (issuer.error !== undefined) throw issuer.error;
    return loads.length;
  }
  return issuer;
}

const DOWN = issuerTrouble("down");

describe("createKeyCache", () => {
  it("loads once for all who ask together, and again after 10 minutes", async () => {
    const { cache, clock } = startCache();
    expect(await Promise.all(Array.from({ length: 100 }, () => cache.current()))).toEqual(Array(100).fill(1));
    clock.advance(599);
    expect(await cache.current()).toBe(1);
    clock.advance(1);
    expect(await cache.current()).toBe(2);
  });

  it("C14: keeps to the old keys for an hour when no newer ones come, and asks every 5 s", async () => {
    const issuer = startCache();
    const { cache, clock, loads } = issuer;
    await cache.current();
    issuer.error = DOWN;
    clock.advance(600);
    for (let second = 600; second < 3600; second += 1) {
      expect(await cache.current()).toBe(1);
      clock.advance(1);
    }
    expect(loads).toHaveLength(1 + 3000 / 5);
    await expectUnavailable(() => cache.current(), /down/u);
    issuer.error = undefined;
    clock.advance(5);
    expect(await cache.current()).toBe(loads.length);
  });

  it("C14: fails without keys, and leaves a dead issuer alone for 5 s", async () => {
    const issuer = startCache();
    issuer.error = DOWN;
    await Promise.all(Array.from({ length: 100 }, () => expectUnavailable(() => issuer.cache.current(), /down/u)));
    issuer.clock.advance(4.9);
    await expectUnavailable(() => issuer.cache.current(), /down/u);
    await expectUnavailable(() => issuer.cache.newer(), /down/u);
    expect(issuer.loads).toHaveLength(1);
    issuer.clock.advance(0.1);
    await expectUnavailable(() => issuer.cache.current(), /down/u);
    expect(issuer.loads).toHaveLength(2);
  });

  it("lets one request wait for a slow issuer, and gives the others the old keys meanwhile", async () => {
    const { promise: answer, resolve } = Promise.withResolvers<void>();
    const clock = createClock();
    let loads = 0;
    const cache = createKeyCache(async () => {
      loads += 1;
      if (loads === 2) await answer;
      return loads;
    }, clock.now);
    await cache.current();
    clock.advance(600);
    const waiting = cache.current();
    expect(await cache.current()).toBe(1);
    resolve();
    expect(await waiting).toBe(2);
  });

  it("C13: gives newer keys at most every 30 s, and to all who ask together", async () => {
    const { cache, clock, loads } = startCache();
    await cache.current();
    expect(await cache.newer()).toBeUndefined();
    clock.advance(30);
    expect(await Promise.all(Array.from({ length: 100 }, () => cache.newer()))).toEqual(Array(100).fill(2));
    expect(await cache.newer()).toBeUndefined();
    expect(await cache.current()).toBe(2);
    expect(loads).toHaveLength(2);
  });

  it("says that newer keys cannot be had, and not that there are none", async () => {
    const issuer = startCache();
    await issuer.cache.current();
    issuer.error = DOWN;
    issuer.clock.advance(30);
    await expectUnavailable(() => issuer.cache.newer(), /down/u);
    await expectUnavailable(() => issuer.cache.newer(), /down/u);
    expect(await issuer.cache.current()).toBe(1);
    expect(issuer.loads).toHaveLength(2);
  });

  it("loads anew after the clock was set back", async () => {
    const { cache, clock } = startCache();
    await cache.current();
    clock.advance(-1);
    expect(await cache.current()).toBe(2);
  });

  it("lets a bug through as it is", async () => {
    const issuer = startCache();
    await issuer.cache.current();
    issuer.error = new TypeError("a bug");
    issuer.clock.advance(600);
    await expect(issuer.cache.current()).rejects.toBe(issuer.error);
  });

  it("C13: holds its distances whatever is asked when", async () => {
    const step = fc.record({
      advance: fc.oneof(fc.nat(40), fc.nat(2000)),
      ask: fc.constantFrom("current", "newer"),
      down: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const issuer = startCache();
        const started: { readonly at: number; readonly down: boolean }[] = [];
        for (const { advance, ask, down } of steps) {
          issuer.clock.advance(advance);
          issuer.error = down ? DOWN : undefined;
          const before = issuer.loads.length;
          const at = issuer.clock.now().getTime() / 1000;
          const keys = await issuer.cache[ask]().catch((error: unknown) => error instanceof ProtocolError);
          const loaded = issuer.loads[typeof keys === "number" ? keys - 1 : -1] ?? issuer.clock.now();
          expect(at - loaded.getTime() / 1000).toBeLessThan(3600);
          if (issuer.loads.length === before) continue;
          expect(issuer.loads.length).toBe(before + 1);
          const last = started.at(-1) ?? { at: -Infinity, down };
          expect(at - last.at).toBeGreaterThanOrEqual(last.down ? 5 : 30);
          started.push({ at, down });
        }
      }),
      { numRuns: 300 },
    );
  });
});
