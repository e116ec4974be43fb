import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as light from "./light-fetch.ts";

/** What happened, so that two implementations can be held against each other. */
function outcome(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}

interface HeadersLike extends Iterable<[string, string]> {
  append(name: string, value: string): void;
  set(name: string, value: string): void;
  get(name: string): string | null;
  has(name: string): boolean;
}

type Call = readonly [method: "append" | "set" | "get" | "has", name: string, value: string];

function perform(headers: HeadersLike, calls: readonly Call[]): unknown {
  const outcomes = calls.map(([method, name, value]) => outcome(() => headers[method](name, value)));
  return [outcomes, [...headers]];
}

// Fetch gives `set-cookie` in several entries; no answer of the API has one, and no request that it looks at.
const name = fc
  .oneof(fc.constantFrom("accept", "Accept", "x-amz-meta-a", "X-AMZ-META-A", ""), fc.string({ maxLength: 8 }))
  .filter((each) => each.toLowerCase() !== "set-cookie");
const value = fc.oneof(
  fc.constantFrom("a", " a\t", "a\r\nb", "é", "日", "\0", "a,b", "\n a \r"),
  fc.string({ unit: "binary", maxLength: 8 }),
);

describe("the light Headers", () => {
  it("do for any calls what Fetch's do", () => {
    const call = fc.tuple(fc.constantFrom("append", "set", "get", "has"), name, value);
    fc.assert(
      fc.property(fc.array(call, { maxLength: 12 }), (calls) => {
        expect(perform(new light.Headers(), calls)).toEqual(perform(new Headers(), calls));
      }),
      { numRuns: 500 },
    );
  });

  it("are made of a record as Fetch's are", () => {
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 6 }), (init) => {
        const lightly = outcome(() => [...new light.Headers(init)]);
        expect(lightly).toEqual(outcome(() => [...new Headers(init)]));
      }),
      { numRuns: 300 },
    );
  });
});

describe("the light Request and Response", () => {
  it("hold what they are given", async () => {
    const request = new light.Request("http://s3r.invalid/", {
      method: "POST",
      headers: new light.Headers({ a: "1" }),
      body: Buffer.from("hello"),
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of request.body ?? []) chunks.push(chunk);
    expect([request.method, request.headers.get("A"), Buffer.concat(chunks).toString()]).toEqual([
      "POST",
      "1",
      "hello",
    ]);
    const bodiless = new light.Request("http://s3r.invalid/", { method: "GET", headers: new light.Headers() });
    expect(bodiless.body).toBeNull();
  });

  it("give an answer back", async () => {
    const response = new light.Response("text", { status: 307, headers: new light.Headers({ Vary: "a" }) });
    expect([response.status, [...response.headers], await response.text()]).toEqual([307, [["vary", "a"]], "text"]);
    const empty = new light.Response(null);
    expect([empty.status, [...empty.headers], await empty.text()]).toEqual([200, [], ""]);
  });
});
