/** The documents of S3's multipart uploads: what is read of its answers, and the list of parts that completes one. */
import { CHECKSUM_LIST, CHECKSUMS } from "@s3r/shared/checksum";
import * as v from "valibot";
import { CliError } from "../cli-error.ts";
import type { ObjectChecksum } from "./object-checksum.ts";
import { parseXml } from "./parse-xml.ts";
import { unescapeXml } from "./unescape-xml.ts";

export interface StoredPart {
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
  /** As far as the store says. */
  readonly checksum: ObjectChecksum | undefined;
}

export interface PartPage {
  readonly parts: readonly StoredPart[];
  /** The `part-number-marker` of the next page; nothing on the last. */
  readonly nextMarker: string | undefined;
}

const text = v.pipe(v.string(), v.transform(unescapeXml));
const count = v.pipe(v.string(), v.regex(/^\d{1,15}$/u), v.transform(Number));

const initiation = v.object({ InitiateMultipartUploadResult: v.object({ UploadId: v.pipe(text, v.minLength(1)) }) });

const completion = v.object({ CompleteMultipartUploadResult: v.object({ ETag: v.optional(text) }) });

const listedPart = v.looseObject({ PartNumber: count, Size: count, ETag: text });

const partList = v.object({
  ListPartsResult: v.object({
    IsTruncated: v.optional(v.string(), "false"),
    NextPartNumberMarker: v.optional(v.string()),
    Part: v.optional(v.array(listedPart), []),
  }),
});

function notUnderstood(what: string): CliError {
  return new CliError("UnsafeServer", `the store's answer to ${what} cannot be understood`, {
    reason: "it is not the XML that S3 answers with",
    hint: "check the endpoint: the store may not offer multipart uploads",
  });
}

/** Of the answer to CreateMultipartUpload. @throws CliError UnsafeServer */
export function parseUploadId(xml: string): string {
  const parsed = v.safeParse(initiation, parseXml(xml));
  if (!parsed.success) throw notUnderstood("CreateMultipartUpload");
  return parsed.output.InitiateMultipartUploadResult.UploadId;
}

function checksumOf(part: Readonly<Record<string, unknown>>): ObjectChecksum | undefined {
  for (const { algorithm, xmlElement } of CHECKSUM_LIST) {
    const value = part[xmlElement];
    if (typeof value === "string") return { algorithm, value: unescapeXml(value) };
  }
  return undefined;
}

/** A page of ListParts. @throws CliError UnsafeServer */
export function parsePartPage(xml: string): PartPage {
  const parsed = v.safeParse(partList, parseXml(xml));
  if (!parsed.success) throw notUnderstood("ListParts");
  const { IsTruncated, NextPartNumberMarker, Part } = parsed.output.ListPartsResult;
  return {
    parts: Part.map((part) => ({
      number: part.PartNumber,
      size: part.Size,
      etag: part.ETag,
      checksum: checksumOf(part),
    })),
    nextMarker: IsTruncated === "true" ? NextPartNumberMarker : undefined,
  };
}

/**
 * Of the answer to CompleteMultipartUpload; nothing when it is no such document. S3 may answer 200, send white space for
 * minutes, and then an error: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export function parseCompletion(xml: string): { readonly etag: string | undefined } | undefined {
  const parsed = v.safeParse(completion, parseXml(xml.trimStart()));
  return parsed.success ? { etag: parsed.output.CompleteMultipartUploadResult.ETag } : undefined;
}

export interface CompletedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksum: ObjectChecksum;
}

function escapeXml(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** The body of CompleteMultipartUpload, in the order of the part numbers. */
export function formatPartList(parts: readonly CompletedPart[]): string {
  const elements = parts.map(({ number, etag, checksum: { algorithm, value } }) => {
    const { xmlElement } = CHECKSUMS[algorithm];
    return `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag><${xmlElement}>${escapeXml(value)}</${xmlElement}></Part>`;
  });
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${elements.join("")}</CompleteMultipartUpload>`;
}
