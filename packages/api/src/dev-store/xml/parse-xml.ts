/** Reads the two documents that clients send: of CompleteMultipartUpload and of DeleteObjects. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import * as v from "valibot";
import type { RequestBody } from "../body/request-body.ts";
import { S3Error } from "../s3-error.ts";

/** 10,000 parts with checksums take about 2 MB. */
const MAX_XML_BYTES = 8 * 1024 ** 2;

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  // A key may begin or end with a space.
  trimValues: false,
  // The parser drops the references that XML 1.0 does not allow, and a key without one of its characters is another key.
  processEntities: false,
  removeNSPrefix: true,
  isArray: (name) => name === "Part" || name === "Object",
});

function malformed(): never {
  throw new S3Error(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Above the last code point there is nothing, and half a surrogate pair is no character. */
function fromCodePoint(codePoint: number): string {
  if (codePoint > 0x10_ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) malformed();
  return String.fromCodePoint(codePoint);
}

/** SDKs write numeric references for line breaks, and for what XML would change. */
function decodeReferences(raw: string): string {
  return raw.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/giu, (_all, hex?: string, decimal?: string, name = "") => {
    if (hex !== undefined) return fromCodePoint(Number.parseInt(hex, 16));
    return decimal === undefined ? (NAMED[String(name)] ?? malformed()) : fromCodePoint(Number(decimal));
  });
}

const exactText = v.pipe(v.string(), v.transform(decodeReferences));
const text = v.pipe(exactText, v.trim());

export const completeSchema = v.object({
  CompleteMultipartUpload: v.object({
    Part: v.array(
      v.object({
        PartNumber: v.pipe(text, v.regex(/^\d{1,5}$/u), v.transform(Number)),
        ETag: text,
        ChecksumCRC32: v.optional(text),
        ChecksumCRC32C: v.optional(text),
        ChecksumCRC64NVME: v.optional(text),
        ChecksumSHA1: v.optional(text),
        ChecksumSHA256: v.optional(text),
      }),
    ),
  }),
});

export const deleteSchema = v.object({
  Delete: v.object({
    Object: v.pipe(v.array(v.object({ Key: exactText })), v.maxLength(1000)),
    Quiet: v.optional(v.pipe(text, v.picklist(["true", "false"]))),
  }),
});

export type CompletedPart = v.InferOutput<typeof completeSchema>["CompleteMultipartUpload"]["Part"][number];

async function readText(body: RequestBody): Promise<string> {
  if (body.length > MAX_XML_BYTES) malformed();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** The validator lets some documents pass that the parser throws at, such as `<a></a><?`. */
function parse(document: string): unknown {
  try {
    const parsed: unknown = parser.parse(document);
    return parsed;
  } catch {
    return malformed();
  }
}

/** No document of S3's has a type declaration, and with none there are only XML's own entities. Nobody writes CDATA either. */
const FOREIGN = /<!DOCTYPE|<!ENTITY|<!\[CDATA\[|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/iu;

/** @throws S3Error MalformedXML */
export async function parseXmlBody<Schema extends v.GenericSchema>(
  schema: Schema,
  body: RequestBody,
): Promise<v.InferOutput<Schema>> {
  const document = await readText(body);
  if (FOREIGN.test(document) || XMLValidator.validate(document) !== true) malformed();
  const parsed = v.safeParse(schema, parse(document));
  return parsed.success ? parsed.output : malformed();
}
