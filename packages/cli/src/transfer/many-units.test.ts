import { setTimeout as delay } from "node:timers/promises";
import type { RefusedAnswer } from "@s3r/shared";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliError } from "../cli-error.ts";
import { storedObject } from "../testing/stored-object.ts";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";
import { deleteUnit } from "./many-deletes.ts";
import { runMany, type ManyUnit } from "./many-units.ts";

const REFUSED: RefusedAnswer = {
  status: 403,
  problem: { type: "about:blank", title: "no", status: 403, detail: "no", code: "AccessDenied", requestId: "1" },
};

let test: TestWorld;

beforeEach(async () => {
  test = await startTestWorld();
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

interface Told {
  readonly done: string[];
  readonly failed: Record<string, string>;
}

/** Units that delete objects, `count` of them. */
function deletes(count: number, told: Told = { done: [], failed: {} }): ManyUnit[] {
  return Array.from({ length: count }, (_, index) =>
    deleteUnit(`k/${index}`, test.world, {
      done: (key) => void told.done.push(key),
      failed: (key, { code }) => {
        told.failed[key] = code;
      },
    }),
  );
}

/** A unit of nothing but what it is told to do. */
function unit(run: ManyUnit["run"], fields: Partial<ManyUnit> = {}): ManyUnit {
  return { question: undefined, held: 0, bytes: 0, run, fail: () => {}, ...fields };
}

function batches(): number {
  return test.api.seen.filter(({ target }) => target === "/.s3r/sign").length;
}

describe("runMany", () => {
  it("signs all in a few batches, and asks for nothing else", async () => {
    for (let index = 0; index < 2000; index += 1)
      test.store.objects.set(`k/${index}`, storedObject(Buffer.from(String(index))));
    const told: Told = { done: [], failed: {} };
    await runMany(deletes(2000, told), test.world);
    expect([told.done.length, test.store.objects.size]).toEqual([2000, 0]);
    expect([batches(), test.api.seen.length]).toEqual([4, 4]);
  });

  it("keeps batches within what the API takes, however long the keys are", async () => {
    const long = "é".repeat(500);
    const units = Array.from({ length: 1500 }, (_, index) =>
      unit(() => Promise.resolve(), {
        question: { operation: { name: "DeleteObject", key: `${long}${index}`, query: {} }, announced: {} },
      }),
    );
    const lengths: number[] = [];
    const { signBatch } = test.world;
    await runMany(units, {
      ...test.world,
      signBatch: (questions) => {
        lengths.push(JSON.stringify(questions.map(({ operation }) => encodeURIComponent(operation.key))).length);
        return signBatch(questions);
      },
    });
    expect(lengths.length).toBeGreaterThan(3);
    expect(Math.max(...lengths)).toBeLessThan(4 * 1024 ** 2);
  });

  it("asks for each alone where the API signs no batches, after it has been asked once", async () => {
    test.api.respond = ({ target }) => (target === "/.s3r/sign" ? { status: 404 } : undefined);
    const told: Told = { done: [], failed: {} };
    await runMany(deletes(250, told), test.world);
    expect([told.done.length, batches(), test.api.seen.length]).toEqual([250, 1, 251]);
  });

  it("fails a unit that the API refuses, and that one alone", async () => {
    test.api.refuseInBatch = ({ target }) => (target === "/k/1" ? REFUSED : undefined);
    const told: Told = { done: [], failed: {} };
    await runMany(deletes(3, told), test.world);
    expect([told.done.sort(), told.failed]).toEqual([["k/0", "k/2"], { "k/1": "Forbidden" }]);
  });

  it("signs a batch again when that may help, and ends the run when it cannot be signed at all", async () => {
    test.api.answerNext({ status: 503 });
    const told: Told = { done: [], failed: {} };
    await runMany(deletes(2, told), test.world);
    expect(told.done).toHaveLength(2);
    test.api.answerNext({ status: 401 });
    await expect(runMany(deletes(2, told), test.world)).rejects.toMatchObject({ code: "Unauthenticated" });
    expect([told.done.sort(), told.failed]).toEqual([["k/0", "k/1"], {}]);
  });

  it("does not use a signature that has become too old", async () => {
    test.api.expiresIn = 0;
    await runMany(deletes(2), test.world);
    expect(test.api.seen.map(({ method }) => method)).toEqual(["POST", "DELETE", "DELETE"]);
  });

  it("tries a unit again with a new signature", async () => {
    test.store.failNext("expired-url");
    const told: Told = { done: [], failed: {} };
    await runMany(deletes(2, told), test.world);
    expect([told.done.length, test.api.seen.length]).toEqual([2, 2]);
  });

  it("begins a bounded number, fewer of large ones, and prepares the next batch meanwhile", async () => {
    let [running, most, prepared] = [0, 0, 0];
    const run = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await delay(1);
      running -= 1;
    };
    function* units(count: number, bytes: number): Generator<ManyUnit> {
      for (; prepared < count; prepared += 1) yield unit(run, { bytes });
    }
    await runMany(units(300, 1), test.world);
    expect(most).toBe(64);
    [most, prepared] = [0, 0];
    await runMany(units(20, 1024 ** 3), test.world);
    expect(most).toBe(4);
  });

  it("ends what has begun when it is interrupted, and begins no more", async () => {
    let [begun, ended] = [0, 0];
    const { signal } = test.world.retry;
    const units = Array.from({ length: 500 }, () =>
      unit(async () => {
        begun += 1;
        if (begun === 10) test.interruption.abort(new CliError("Interrupted", "interrupted"));
        await delay(5);
        ended += 1;
        signal.throwIfAborted();
      }),
    );
    await expect(runMany(units, test.world)).rejects.toMatchObject({ code: "Interrupted" });
    expect([begun < 100, ended]).toEqual([true, begun]);
  });

  it("ends with what nobody foresaw, also while units are made", async () => {
    const bug = unit(() => Promise.reject(new TypeError("a bug")));
    await expect(runMany([bug], test.world)).rejects.toBeInstanceOf(TypeError);
    function* broken(): Generator<ManyUnit> {
      yield unit(() => Promise.resolve());
      throw new RangeError("another");
    }
    await expect(runMany(broken(), test.world)).rejects.toBeInstanceOf(RangeError);
  });
});
