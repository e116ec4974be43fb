/** One check of the contract: what s3r needs of a store, seen through the API, and what this server is known to do instead. */
import { afterAll, expect, it, type TestContext } from "vitest";
import { findServer } from "./servers/find-server.ts";
import type { CheckResult, Subject } from "./results.ts";
import { openStore, type Store } from "./store.ts";

declare module "vitest" {
  interface TaskMeta {
    /** For the report. */
    check?: CheckResult;
  }
}

type Observe = (store: Store) => Promise<unknown>;

const gaps = findServer(process.env["S3R_TEST_S3_SERVER"] ?? "env").gaps;

/** One for all checks of a file. */
let opened: Promise<Store> | undefined;

afterAll(async () => {
  await (await opened)?.[Symbol.asyncDispose]();
});

type ExpectStore = (store: Store, task: TestContext["task"]) => Promise<void>;

function register(subject: Subject, behaviour: string, expectStore: ExpectStore): void {
  it(`${subject}: ${behaviour}`, async ({ task }) => {
    opened ??= openStore();
    await expectStore(await opened, task);
  });
}

/**
 * Registers a test: what is observed must be what S3 documents, or, where the server has a known gap, what that says.
 * @param behaviour in the present tense, unique: a gap is declared by it.
 */
export function contract(subject: Subject, behaviour: string, expected: unknown, observe: Observe): void {
  const gap = gaps.find((known) => known.behaviour === behaviour);
  register(subject, behaviour, async (store, task) => {
    task.meta.check = {
      subject,
      behaviour,
      ...(gap === undefined ? { outcome: "pass" } : { outcome: "gap", evidence: gap.evidence }),
    };
    const observed = await observe(store);
    if (gap === undefined) expect(observed).toEqual(expected);
    else expectGap(observed, expected, gap.observed);
  });
}

/** A gap that is gone must be struck out, so that the page stays true. */
function expectGap(observed: unknown, expected: unknown, known: unknown): void {
  expect(observed, "the server does now what S3 documents: strike this gap out").not.toEqual(expected);
  expect(observed).toEqual(known);
}

/** A request that the API answers itself, so that no store is ever asked: the same for every server. */
export function refusal(subject: Subject, behaviour: string, expected: unknown, observe: Observe): void {
  register(subject, behaviour, async (store, task) => {
    task.meta.check = { subject, behaviour, outcome: "refused by design" };
    expect(await observe(store)).toEqual(expected);
  });
}
