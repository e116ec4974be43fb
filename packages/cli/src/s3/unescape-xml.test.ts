import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unescapeXml } from "./unescape-xml.ts";

describe("unescapeXml", () => {
  it.each([
    ["a&amp;lt;b", "a&lt;b"],
    ["&lt;&gt;&quot;&apos;", "<>\"'"],
    ["&#13;&#x1F600;&#233;", "\r😀é"],
    [
      "&nbsp;&;&#;&#x;&#1114112;&#x110000;&constructor;&__proto__;",
      "&nbsp;&;&#;&#x;&#1114112;&#x110000;&constructor;&__proto__;",
    ],
  ])("reads %s", (escaped, text) => {
    expect(unescapeXml(escaped)).toBe(text);
  });

  it("gives back whatever was escaped, by names or by numbers", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(unescapeXml(text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"))).toBe(text);
        const byNumber = text.replaceAll(/./gsu, (each) => `&#x${(each.codePointAt(0) ?? 0).toString(16)};`);
        expect(unescapeXml(byNumber)).toBe(text);
      }),
    );
  });
});
