import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { S3Error } from "../s3-error.ts";
import { formatXml } from "./format-xml.ts";
import { completeSchema, deleteSchema, parseXmlBody } from "./parse-xml.ts";

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function bodyOf(text: string) {
  const bytes = Buffer.from(text);
  return { chunks: chunksOf(bytes), length: bytes.byteLength, trailers: new Map<string, string>() };
}

function parseText(text: string): Promise<unknown> {
  return parseXmlBody(completeSchema, bodyOf(text));
}

describe("parseXmlBody", () => {
  it("reads one part and many, with a namespace and without", async () => {
    const part = "<Part><PartNumber>1</PartNumber><ETag>&quot;e&quot;</ETag></Part>";
    const read = { PartNumber: 1, ETag: '"e"' };
    const [one, many] = [
      await parseText(`<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`),
      await parseText(
        `<?xml version="1.0"?><x:CompleteMultipartUpload xmlns:x="u">${part}${part}</x:CompleteMultipartUpload>`,
      ),
    ];
    expect(one).toEqual({ CompleteMultipartUpload: { Part: [read] } });
    expect(many).toEqual({ CompleteMultipartUpload: { Part: [read, read] } });
  });

  it("keeps the spelling of keys", async () => {
    const text = "<Delete><Object><Key>007</Key></Object><Object><Key>a &lt; b</Key></Object></Delete>";
    expect(await parseXmlBody(deleteSchema, bodyOf(text))).toEqual({
      Delete: { Object: [{ Key: "007" }, { Key: "a < b" }] },
    });
  });

  it("gives back every key as it was written: no space is lost, no character is another", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 5 }),
        async (keys) => {
          const Object = keys.map((Key) => ({ Key }));
          expect(await parseXmlBody(deleteSchema, bodyOf(formatXml("Delete", { Object })))).toEqual({
            Delete: { Object },
          });
        },
      ),
    );
  });

  it("reads numeric references, also those that XML 1.0 does not allow, and line breaks between elements", async () => {
    const keys =
      "<Delete>\n <Object>\n <Key>a&#13;&#xA;&#38;lt;&#1;&#x80;b </Key>\n </Object>\n<Quiet> true\n</Quiet></Delete>";
    expect(await parseXmlBody(deleteSchema, bodyOf(keys))).toEqual({
      Delete: { Object: [{ Key: "a\r\n&lt;\u0001\u0080b " }], Quiet: "true" },
    });
    const part = "<Part> <PartNumber> 1 </PartNumber>\n<ETag>\n&quot;e&quot;\n</ETag></Part>";
    expect(await parseText(`<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`)).toEqual({
      CompleteMultipartUpload: { Part: [{ PartNumber: 1, ETag: '"e"' }] },
    });
  });

  it.each(["&nbsp;", "&#xD800;", "&#x110000;", "&", "<![CDATA[a]]>"])("takes no key with %s", async (text) => {
    const document = `<Delete><Object><Key>${text}</Key></Object></Delete>`;
    await expect(parseXmlBody(deleteSchema, bodyOf(document))).rejects.toMatchObject({ code: "MalformedXML" });
  });

  it.each([
    "",
    "<",
    "<a></a>",
    "<a></a><?",
    "<CompleteMultipartUpload/>",
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "{}",
  ])("refuses %j", async (text) => {
    await expect(parseText(text)).rejects.toMatchObject({ code: "MalformedXML" });
  });

  it("ends any text with a result or MalformedXML", async () => {
    const tag = fc.constantFrom(
      "<",
      ">",
      "/",
      "<CompleteMultipartUpload>",
      "<Part>",
      "</Part>",
      "&",
      "<?",
      "]]>",
      "<!--",
      "__proto__",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(tag, fc.string()), { maxLength: 10 }), async (pieces) => {
        const error: unknown = await parseText(pieces.join("")).catch((thrown: unknown) => thrown);
        expect(error instanceof Error && !(error instanceof S3Error)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
