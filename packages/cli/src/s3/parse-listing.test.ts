import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isForeseen } from "../testing/thrown-by.ts";
import { parseListing } from "./parse-listing.ts";

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function contents(key: string, size = 1): string {
  const etag = "&quot;d41d8cd98f00b204e9800998ecf8427e&quot;";
  return `<Contents><Key>${escapeXml(key)}</Key><LastModified>2026-11-23T08:00:00.000Z</LastModified><ETag>${etag}</ETag><Size>${size}</Size></Contents>`;
}

function listing(inside: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</ListBucketResult>`;
}

describe("a listing", () => {
  it("may be empty, and may have one of everything", () => {
    expect(parseListing(listing("<Prefix/>"))).toEqual({
      prefix: "",
      objects: [],
      commonPrefixes: [],
      nextToken: undefined,
    });
    const page = parseListing(
      listing(`<Prefix>p/</Prefix>${contents("p/a", 7)}<CommonPrefixes><Prefix>p/d/</Prefix></CommonPrefixes>`),
    );
    expect(page).toMatchObject({ prefix: "p/", commonPrefixes: ["p/d/"] });
    expect(page.objects).toEqual([
      { key: "p/a", size: 7, etag: '"d41d8cd98f00b204e9800998ecf8427e"', lastModified: "2026-11-23T08:00:00.000Z" },
    ]);
  });

  it.each(["1e3", "007", "true", " a ", "a&b=c", "<tag>", "&amp;", "]]>", "😀", "日本語", "__proto__"])(
    "keeps the key %s as it is",
    (key) => {
      expect(parseListing(listing(contents(key))).objects[0]?.key).toBe(key);
    },
  );

  it("reads numeric character references, as S3 writes what XML cannot hold", () => {
    const page = parseListing(listing(contents("KEY").replace("KEY", "a&#13;b&#x26;c")));
    expect(page.objects[0]?.key).toBe("a\rb&c");
  });

  it("may hold a thousand keys, each full of entities", () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `${"&<>".repeat(20)}${index}`);
    const page = parseListing(listing(keys.map((key) => contents(key)).join("")));
    expect(page.objects.map(({ key }) => key)).toEqual(keys);
  });

  it.each([
    "",
    "<html><body>log in</body></html>",
    `${listing("")}<?`,
    listing("<Contents><Key>a</Key><Size>many</Size></Contents>"),
    listing("<Contents><Size>1</Size></Contents>"),
    listing(contents("a")).slice(0, -30),
    `<!DOCTYPE a [<!ENTITY b "c">]>${listing("<Prefix>&b;</Prefix>")}`,
  ])("is refused when it is none: %#", (xml) => {
    expect(() => parseListing(xml)).toThrow(expect.objectContaining({ code: "UnsafeServer" }));
  });

  it("gives back any key that XML can hold", () => {
    const key = fc.string({ unit: "grapheme-ascii", minLength: 1 });
    fc.assert(
      fc.property(key, (text) => {
        expect(parseListing(listing(contents(text))).objects[0]?.key).toBe(text);
      }),
    );
  });

  it("is a listing or an error of ours, whatever comes", () => {
    const piece = fc.constantFrom(
      "<ListBucketResult>",
      "</ListBucketResult>",
      "<Key>",
      "</Key>",
      "&",
      "&#x;",
      "<![CDATA[",
      "]]>",
      "<?",
      "<!--",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => isForeseen(() => parseListing(pieces.join("")))),
    );
  });
});
