/** How long a token is kept, with a clock that the test turns. */
import { describe, expect, it } from "vitest";
import { CliError } from "../cli-error.ts";
import { NOW } from "../testing/source-world.ts";
import { createTokenKeeper, type TokenKeeper } from "./token-keeper.ts";
import type { Credential, TokenSource } from "./token-source.ts";

interface Keeping {
  readonly keeper: TokenKeeper;
  readonly loads: () => number;
  readonly traced: readonly string[];
  /** Turns the clock. */
  readonly pass: (seconds: number) => void;
  failNext: CliError | undefined;
}

/** @param lifeSeconds of each token, from when it is loaded. */
function keep(lifeSeconds: number | undefined, { canRefresh = true, sameToken = false } = {}): Keeping {
  let now = NOW.getTime();
  let loads = 0;
  const traced: string[] = [];
  const state: Pick<Keeping, "failNext"> = { failNext: undefined };
  const load = async (): Promise<Credential> => {
    loads += 1;
    await new Promise(setImmediate);
    const error = state.failNext;
    state.failNext = undefined;
    if (error !== undefined) throw error;
    const start = sameToken ? NOW.getTime() : now;
    return {
      authorization: `Bearer ${sameToken ? "same" : loads}`,
      obtainedAt: new Date(start),
      expiresAt: lifeSeconds === undefined ? undefined : new Date(start + lifeSeconds * 1000),
    };
  };
  const source: TokenSource = { id: "gitlab", name: "the test", canRefresh, remedy: "do something", load };
  const keeper = createTokenKeeper(source, { now: () => new Date(now), trace: (line) => void traced.push(line) });
  return Object.assign(state, {
    keeper,
    loads: () => loads,
    traced,
    pass: (seconds: number) => void (now += seconds * 1000),
  });
}

async function token({ keeper }: Keeping): Promise<string> {
  return (await keeper.credential()).authorization;
}

describe("a token", () => {
  it("is kept until a minute before it expires, and then replaced", async () => {
    const keeping = keep(300);
    await token(keeping);
    keeping.pass(239);
    expect(await token(keeping)).toBe("Bearer 1");
    keeping.pass(2);
    expect(await token(keeping)).toBe("Bearer 2");
    keeping.pass(200);
    expect(await token(keeping)).toBe("Bearer 2");
  });

  it("that lives for less than two minutes is kept for half of them, not fetched for each request", async () => {
    const keeping = keep(40);
    await token(keeping);
    keeping.pass(19);
    expect(await token(keeping)).toBe("Bearer 1");
    keeping.pass(2);
    expect(await token(keeping)).toBe("Bearer 2");
  });

  it("without an end is kept", async () => {
    const keeping = keep(undefined);
    await token(keeping);
    keeping.pass(1e7);
    expect(await token(keeping)).toBe("Bearer 1");
  });

  it("is fetched once for all who ask at the same time, also when it is replaced", async () => {
    const keeping = keep(300);
    const ask = async (): Promise<string[]> => await Promise.all(Array.from({ length: 20 }, () => token(keeping)));
    expect(new Set(await ask())).toEqual(new Set(["Bearer 1"]));
    keeping.pass(299);
    expect(new Set(await ask())).toEqual(new Set(["Bearer 2"]));
    expect(keeping.loads()).toBe(2);
  });

  it("that cannot be fetched fails for all who asked, and is fetched anew for the next", async () => {
    const keeping = keep(300);
    keeping.failNext = new CliError("Unavailable", "down");
    const asked = await Promise.allSettled([token(keeping), token(keeping)]);
    expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await token(keeping)).toBe("Bearer 2");
  });

  it("that cannot be replaced is used for as long as it is good", async () => {
    const keeping = keep(300);
    await token(keeping);
    keeping.pass(299);
    keeping.failNext = new CliError("Unavailable", "down", { reason: "no route" });
    expect(await token(keeping)).toBe("Bearer 1");
    expect(keeping.traced.join()).toContain("no route");
    // Its issuer has been asked a moment ago.
    expect([await token(keeping), keeping.loads()]).toEqual(["Bearer 1", 2]);
    keeping.pass(2);
    keeping.failNext = new CliError("Unavailable", "down");
    await expect(token(keeping)).rejects.toMatchObject({ message: "down" });
    expect(await token(keeping)).toBe("Bearer 4");
  });
});

describe("a token that cannot be replaced", () => {
  it("is used as it is, also a little late: clocks differ", async () => {
    const keeping = keep(300, { canRefresh: false });
    for (const seconds of [0, 299, 60]) {
      keeping.pass(seconds);
      expect(await token(keeping)).toBe("Bearer 1");
    }
    expect(keeping.loads()).toBe(1);
  });

  it.each([{ canRefresh: false }, { sameToken: true }])(
    "is an error when it has certainly expired: %o",
    async (options) => {
      const keeping = keep(-61, options);
      await expect(token(keeping)).rejects.toMatchObject({
        code: "Unauthenticated",
        exitCode: 4,
        message: "the token from the test has expired",
        reason: "it was good until 2026-11-23T07:58:59.000Z",
        hint: "do something",
      });
    },
  );
});

describe("a refused token", () => {
  it("is replaced when it was accepted before, once for all who were refused", async () => {
    const keeping = keep(undefined);
    const used = await keeping.keeper.credential();
    keeping.keeper.accept(used);
    expect(await Promise.all([keeping.keeper.replace(used), keeping.keeper.replace(used)])).toEqual([true, true]);
    expect(await keeping.keeper.replace(used)).toBe(true);
    expect(keeping.loads()).toBe(2);
  });

  it("is not replaced when it was never accepted, cannot be, or would be the same", async () => {
    for (const [options, isAccepted] of [
      [{}, false],
      [{ canRefresh: false }, true],
      [{ sameToken: true }, true],
    ] as const) {
      const { keeper } = keep(undefined, options);
      const used = await keeper.credential();
      if (isAccepted) keeper.accept(used);
      expect(await keeper.replace(used)).toBe(false);
    }
  });
});
