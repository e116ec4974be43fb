import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { StaticToken } from "./auth-config.ts";
import { createStaticTokens } from "./static-tokens.ts";
import { createClock } from "./testing/create-clock.ts";
import { expectUnauthenticated } from "./testing/expect-refusal.ts";

function configured(name: string, token: string, expires?: Date): StaticToken {
  const sha256 = createHash("sha256").update(token).digest("hex");
  return { name, sha256, ...(expires === undefined ? {} : { expires }) };
}

const clock = createClock();
const tomorrow = new Date(clock.now().getTime() + 86_400_000);
const recognise = createStaticTokens(
  [
    configured("robot", "old"),
    configured("robot", "new", tomorrow),
    configured("robot", "gone", clock.now()),
    configured("reader", "reader's"),
  ],
  clock.now,
);

describe("createStaticTokens", () => {
  it("recognises each of several live tokens of one name", () => {
    expect(recognise("old")).toEqual({ name: "robot", kind: "token", claims: {} });
    expect(recognise("new")).toEqual({ name: "robot", kind: "token", claims: {}, expiresAt: tomorrow });
    expect(recognise("reader's")).toEqual({ name: "reader", kind: "token", claims: {} });
  });

  it.each(["", "ol", "old ", "OLD", createHash("sha256").update("old").digest("hex")])(
    "C1: does not know %j",
    async (token) => {
      await expectUnauthenticated(() => recognise(token), /not known/u);
    },
  );

  it("refuses a token from the moment that it expires, with a reason of its own", async () => {
    await expectUnauthenticated(() => recognise("gone"), /has expired/u);
  });

  it("takes a digest for whoever has a live token with it, when it is configured twice", () => {
    const twice = createStaticTokens([configured("was", "t", clock.now()), configured("is", "t")], clock.now);
    expect(twice("t").name).toBe("is");
  });

  it("knows nobody when nothing is configured", async () => {
    await expectUnauthenticated(() => createStaticTokens([], clock.now)("old"), /not known/u);
  });
});
