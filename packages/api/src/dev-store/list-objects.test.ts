import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ObjectRecord } from "./disk/records.ts";
import { listPage } from "./operations/list-objects.ts";
import { startStore } from "./testing/start-store.ts";

function record(key: string): ObjectRecord {
  return { bucket: "b", key, segments: [], size: 0, etag: '"e"', lastModified: 0, headers: {} };
}

function sorted(keys: Iterable<string>): ObjectRecord[] {
  return [...new Set(keys)].map(record).sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}

function keysOf(xml: string): string[] {
  return [...xml.matchAll(/<Key>(.*?)<\/Key>/gu)].map(([, key = ""]) => key);
}

/** All entries, page by page. */
function collect(objects: readonly ObjectRecord[], prefix: string, delimiter: string, maxKeys: number): string[] {
  const entries: string[] = [];
  for (let after: string | undefined = ""; after !== undefined;) {
    const page = listPage(objects, { prefix, delimiter, maxKeys, after });
    entries.push(...page.objects.map(({ key }) => key), ...page.commonPrefixes);
    after = page.next;
  }
  return entries;
}

const keys = fc.array(fc.stringMatching(/^[ab/]{1,6}$/u), { maxLength: 20 });

describe("listPage", () => {
  it("gives every key under the prefix once, whatever the size of its pages", () => {
    fc.assert(
      fc.property(keys, fc.stringMatching(/^[ab/]{0,2}$/u), fc.integer({ min: 1, max: 5 }), (list, prefix, maxKeys) => {
        const expected = sorted(list)
          .map(({ key }) => key)
          .filter((key) => key.startsWith(prefix));
        expect(collect(sorted(list), prefix, "", maxKeys)).toEqual(expected);
      }),
    );
  });

  it("gives every key or its common prefix once, with a delimiter", () => {
    fc.assert(
      fc.property(keys, fc.stringMatching(/^[ab/]{0,2}$/u), fc.integer({ min: 1, max: 5 }), (list, prefix, maxKeys) => {
        const entry = (key: string): string => {
          const at = key.indexOf("/", prefix.length);
          return at === -1 ? key : key.slice(0, at + 1);
        };
        const expected = new Set(list.filter((key) => key.startsWith(prefix)).map(entry));
        const entries = collect(sorted(list), prefix, "/", maxKeys);
        expect(new Set(entries)).toEqual(expected);
        expect(entries).toHaveLength(expected.size);
      }),
    );
  });
});

describe("ListObjectsV2", () => {
  it("lists by prefix and delimiter, in pages, in the order of bytes, and escapes what XML needs", async () => {
    await using store = await startStore();
    for (const key of ["a/1", "a/2", "b", "c&<d>", "é"])
      await store.call("PUT", `/${encodeURIComponent(key).replaceAll("%2F", "/")}`, { body: "x" });
    const list = async (query: Record<string, string>): Promise<string> =>
      (await store.call("GET", "/", { query: { "list-type": "2", ...query } })).body.toString();
    expect(keysOf(await list({}))).toEqual(["a/1", "a/2", "b", "c&amp;&lt;d&gt;", "é"]);
    expect(keysOf(await list({ prefix: "a/" }))).toEqual(["a/1", "a/2"]);
    const level = await list({ delimiter: "/" });
    expect(keysOf(level)).toEqual(["b", "c&amp;&lt;d&gt;", "é"]);
    expect(level).toContain("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>");
    const page = await list({ "max-keys": "2" });
    expect(keysOf(page)).toEqual(["a/1", "a/2"]);
    const token = /<NextContinuationToken>(.*?)</u.exec(page)?.[1] ?? "";
    expect(keysOf(await list({ "continuation-token": token }))).toEqual(["b", "c&amp;&lt;d&gt;", "é"]);
    expect(keysOf(await list({ "start-after": "b" }))).toEqual(["c&amp;&lt;d&gt;", "é"]);
    expect(keysOf(await list({ "encoding-type": "url" }))).toContain("c%26%3Cd%3E");
    expect(await store.call("GET", "/", { query: { "list-type": "3" } })).toMatchObject({
      status: 400,
      code: "InvalidArgument",
    });
  });
});
