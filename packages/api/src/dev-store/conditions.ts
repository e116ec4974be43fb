/** Conditional requests: RFC 9110 13, as far as S3 has them. */
import type { IncomingHttpHeaders } from "node:http";
import type { ObjectRecord } from "./disk/records.ts";
import { S3Error } from "./s3-error.ts";

function bare(etag: string): string {
  return etag.trim().replace(/^W\//u, "").replaceAll('"', "");
}

function matches(header: string, etag: string): boolean {
  return header.split(",").some((one) => one.trim() === "*" || bare(one) === bare(etag));
}

function failed(condition: string): never {
  throw new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
    elements: { Condition: condition },
  });
}

function seconds(date: string | undefined): number {
  return Math.floor(Date.parse(date ?? "") / 1000);
}

/** @throws S3Error PreconditionFailed, or NotModified, in the order of RFC 9110 13.2.2. */
export function checkReadConditions(headers: IncomingHttpHeaders, { etag, lastModified }: ObjectRecord): void {
  const modified = Math.floor(lastModified / 1000);
  const ifMatch = headers["if-match"];
  const ifNoneMatch = headers["if-none-match"];
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, etag)) failed("If-Match");
  } else if (modified > seconds(headers["if-unmodified-since"])) failed("If-Unmodified-Since");
  const notModified =
    ifNoneMatch === undefined ? modified <= seconds(headers["if-modified-since"]) : matches(ifNoneMatch, etag);
  if (notModified) throw new S3Error("NotModified", "Not Modified", { headers: { etag } });
}

/**
 * To be asked at the moment of the change, in turn with all other changes of the object.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * @throws S3Error PreconditionFailed, or NoSuchKey for an `If-Match` on what is not there.
 */
export function checkWriteConditions(headers: IncomingHttpHeaders, current: ObjectRecord | undefined): void {
  const ifMatch = headers["if-match"];
  const ifNoneMatch = headers["if-none-match"];
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*") {
    throw new S3Error("NotImplemented", "A header you provided implies functionality that is not implemented", {
      elements: { Header: "If-None-Match" },
    });
  }
  if (ifNoneMatch === "*" && current !== undefined) failed("If-None-Match");
  if (ifMatch === undefined) return;
  if (current === undefined) throw new S3Error("NoSuchKey", "The specified key does not exist.");
  if (!matches(ifMatch, current.etag)) failed("If-Match");
}
