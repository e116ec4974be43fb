/** Reads the answer of ListObjectsV2. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import * as v from "valibot";
import { CliError } from "../cli-error.ts";
import { unescapeXml } from "./unescape-xml.ts";

export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
  /** ISO 8601. */
  readonly lastModified: string;
}

export interface ListingPage {
  readonly objects: readonly ListedObject[];
  readonly commonPrefixes: readonly string[];
  /** The store's own name for the asked prefix: it may begin with the deployment's key prefix. */
  readonly prefix: string;
  readonly nextToken: string | undefined;
}

const parser = new XMLParser({
  ignoreAttributes: true,
  // Keys may look like numbers, and may begin or end with spaces.
  parseTagValue: false,
  trimValues: false,
  // The parser leaves numeric references alone, which S3 uses for what XML cannot hold.
  processEntities: false,
  isArray: (name) => name === "Contents" || name === "CommonPrefixes",
});

const string = v.pipe(v.string(), v.transform(unescapeXml));
const text = v.optional(string, "");

const schema = v.object({
  ListBucketResult: v.object({
    Prefix: text,
    NextContinuationToken: v.optional(string),
    Contents: v.optional(
      v.array(
        v.object({
          Key: string,
          Size: v.pipe(v.string(), v.regex(/^\d{1,15}$/u), v.transform(Number)),
          ETag: text,
          LastModified: text,
        }),
      ),
      [],
    ),
    CommonPrefixes: v.optional(v.array(v.object({ Prefix: string })), []),
  }),
});

function parseXml(xml: string): unknown {
  // No document of S3's has a type declaration, and with none there are no entities to expand.
  if (/<!DOCTYPE|<!ENTITY/iu.test(xml) || XMLValidator.validate(xml) !== true) return undefined;
  try {
    return parser.parse(xml);
  } catch {
    // The validator lets some through that the parser does not, such as an open `<?` at the end.
    return undefined;
  }
}

/** @throws CliError UnsafeServer when it is no listing. */
export function parseListing(xml: string): ListingPage {
  const parsed = v.safeParse(schema, parseXml(xml));
  if (!parsed.success) {
    throw new CliError("UnsafeServer", "the store's answer is no listing", {
      reason: "it is not the XML of ListObjectsV2",
      hint: "check the endpoint: a bare redirector may not offer listings",
    });
  }
  const { Prefix, NextContinuationToken, Contents, CommonPrefixes } = parsed.output.ListBucketResult;
  return {
    prefix: Prefix,
    nextToken: NextContinuationToken,
    objects: Contents.map(({ Key, Size, ETag, LastModified }) => ({
      key: Key,
      size: Size,
      etag: ETag,
      lastModified: LastModified,
    })),
    commonPrefixes: CommonPrefixes.map((each) => each.Prefix),
  };
}
