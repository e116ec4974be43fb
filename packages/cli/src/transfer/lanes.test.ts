import { setImmediate as turn } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLaneLimit, type LaneLimit } from "./lane-limit.ts";
import { createLanes, type Lanes } from "./lanes.ts";

interface Timed<Subject> {
  readonly subject: Subject;
  readonly pass: (milliseconds: number) => void;
}

function timedLimit(initial: number, maximum: number): Timed<LaneLimit> {
  let time = 0;
  const subject = createLaneLimit({ initial, maximum, now: () => time });
  return {
    subject,
    pass: (milliseconds) => {
      time += milliseconds;
    },
  };
}

/** A second of a network that gives each lane a megabyte, and all together no more than `ceiling`. */
function second({ subject, pass }: Timed<LaneLimit>, ceiling: number): number {
  pass(1000);
  subject.moved(Math.min(subject.value, ceiling) * 1e6, true);
  return subject.value;
}

function fixedLanes(limit: number): Lanes {
  return createLanes({ initial: limit, maximum: limit, now: () => 0 });
}

describe("the limit of lanes", () => {
  it("grows to its maximum while each lane brings more", () => {
    const limit = timedLimit(8, 32);
    for (let passed = 0; passed < 10; passed += 1) second(limit, 100);
    expect(limit.subject.value).toBe(32);
  });

  it("stays where more brings nothing, and tries again later", () => {
    const limit = timedLimit(8, 32);
    const values = Array.from({ length: 30 }, () => second(limit, 8));
    expect(values.filter((value) => value === 8).length).toBeGreaterThan(20);
    expect(values.filter((value) => value === 12).length).toBeGreaterThan(1);
  });

  it("does not grow while nothing waits for a lane", () => {
    const limit = timedLimit(8, 32);
    for (let passed = 0; passed < 10; passed += 1) {
      limit.pass(1000);
      limit.subject.moved(1e9, false);
    }
    expect(limit.subject.value).toBe(8);
  });

  it("is halved once by a volley of throttled answers, and rests", () => {
    const limit = timedLimit(8, 32);
    for (let answer = 0; answer < 5; answer += 1) limit.subject.throttled();
    expect(limit.subject.value).toBe(4);
    second(limit, 100);
    expect(limit.subject.value).toBe(4);
    limit.subject.throttled();
    expect(limit.subject.value).toBe(2);
    for (let passed = 0; passed < 30; passed += 1) second(limit, 100);
    expect(limit.subject.value).toBe(32);
  });

  it("is never below 1 nor above its maximum, whatever happens", () => {
    const events = fc.array(
      fc.oneof(
        fc.constant("throttled" as const),
        fc.record({ bytes: fc.nat(), full: fc.boolean(), pass: fc.nat(5000) }),
      ),
    );
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 64 }), (all, initial, maximum) => {
        const { subject, pass } = timedLimit(initial, maximum);
        for (const event of all) {
          if (event === "throttled") subject.throttled();
          else {
            pass(event.pass);
            subject.moved(event.bytes, event.full);
          }
          expect(subject.value >= 1 && subject.value <= maximum).toBe(true);
        }
      }),
    );
  });
});

describe("lanes", () => {
  it("run no more tasks at once than there are, and all in the end", async () => {
    const lanes = fixedLanes(3);
    let running = 0;
    let most = 0;
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        lanes.run(async () => {
          running += 1;
          most = Math.max(most, running);
          await turn();
          running -= 1;
          return index;
        }),
      ),
    );
    expect(most).toBe(3);
    expect(results).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it("give the lane of a task that failed to the next", async () => {
    const lanes = fixedLanes(1);
    const failed = lanes.run(() => Promise.reject(new Error("no")));
    const next = lanes.run(() => Promise.resolve("yes"));
    await expect(failed).rejects.toThrow("no");
    await expect(next).resolves.toBe("yes");
  });
});
