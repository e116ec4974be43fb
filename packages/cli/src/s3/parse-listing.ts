/** Reads the answer of ListObjectsV2. */
import * as v from "valibot";
import { CliError } from "../cli-error.ts";
import { parseXml } from "./parse-xml.ts";
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
