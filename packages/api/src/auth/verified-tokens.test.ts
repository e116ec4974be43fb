import { describe, expect, it } from "vitest";
import { createVerifiedTokens } from "./verified-tokens.ts";
import type { Principal } from "./principal.ts";

const ALICE: Principal = { name: "alice", kind: "issuer", claims: {} };
const BOB: Principal = { name: "bob", kind: "issuer", claims: {} };
const FAR = new Date(10_000_000);

function open(): { tokens: ReturnType<typeof createVerifiedTokens>; setTime: (milliseconds: number) => void } {
  let time = 0;
  return { tokens: createVerifiedTokens(() => new Date(time)), setTime: (milliseconds) => void (time = milliseconds) };
}

describe("a verified token", () => {
  it("is known by the whole of it, and is whose it was", () => {
    const { tokens } = open();
    tokens.remember("h.p.a", ALICE, FAR);
    tokens.remember("h.p.b", BOB, FAR);
    expect(tokens.recall("h.p.a")).toBe(ALICE);
    expect(tokens.recall("h.p.b")).toBe(BOB);
    for (const other of ["h.p.c", "h.p.", "h.p.a ", "h.p.A", "h.p.aa", ""])
      expect(tokens.recall(other)).toBeUndefined();
  });

  it("is known for a minute, and not after its claims have lapsed", () => {
    const { tokens, setTime } = open();
    tokens.remember("long", ALICE, FAR);
    tokens.remember("short", BOB, new Date(10_000));
    setTime(9999);
    expect(tokens.recall("short")).toBe(BOB);
    setTime(10_000);
    expect(tokens.recall("short")).toBeUndefined();
    setTime(59_999);
    expect(tokens.recall("long")).toBe(ALICE);
    setTime(60_000);
    expect(tokens.recall("long")).toBeUndefined();
  });

  it("is not known to a clock that was set back", () => {
    const { tokens, setTime } = open();
    setTime(100_000);
    tokens.remember("t", ALICE, FAR);
    setTime(99_999);
    expect(tokens.recall("t")).toBeUndefined();
  });

  it("is forgotten when a thousand others have come", () => {
    const { tokens } = open();
    for (let number = 0; number <= 1000; number += 1) tokens.remember(String(number), ALICE, FAR);
    expect(tokens.recall("0")).toBeUndefined();
    expect(tokens.recall("1")).toBe(ALICE);
    expect(tokens.recall("1000")).toBe(ALICE);
  });
});
