/** GetObject and HeadObject. */
import { checkReadConditions } from "../conditions.ts";
import type { ObjectRecord } from "../disk/records.ts";
import { parseRange } from "../range.ts";
import { S3Error } from "../s3-error.ts";
import type { S3Answer, S3Request } from "../s3-request.ts";
import type { OperationContext } from "./context.ts";
import { checksumHeaders, storedHeaders } from "./object-headers.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, "response-*" */
const OVERRIDES: readonly string[] = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];

function findObject({ storage }: OperationContext, { bucket, key }: S3Request): ObjectRecord {
  const record = storage.getObject(bucket, key);
  if (record === undefined)
    throw new S3Error("NoSuchKey", "The specified key does not exist.", { elements: { Key: key } });
  return record;
}

/** As S3 puts it (guardian/grid#1716). */
function checkHeaderValue(parameter: string, value: string): void {
  if (/^[\t\u0020-\u007E\u00A0-\u00FF]*$/u.test(value)) return;
  throw new S3Error("InvalidArgument", "Header value cannot be represented using ISO-8859-1.", {
    elements: { ArgumentName: parameter, ArgumentValue: value },
  });
}

function overrides(query: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`);
    if (value === undefined) continue;
    checkHeaderValue(`response-${name}`, value);
    headers[name] = value;
  }
  return headers;
}

/** The SDK's presigner puts the mode into the query, s3r into a header. */
function wantsChecksum({ headers, query }: S3Request): boolean {
  return [headers["x-amz-checksum-mode"], query.get("x-amz-checksum-mode")].some(
    (mode) => String(mode).toUpperCase() === "ENABLED",
  );
}

function checkVersion(query: ReadonlyMap<string, string>): void {
  const version = query.get("versionId");
  if (version !== undefined && version !== "null") throw new S3Error("InvalidArgument", "Invalid version id specified");
}

export function getObject(context: OperationContext, request: S3Request): S3Answer {
  checkVersion(request.query);
  const record = findObject(context, request);
  checkReadConditions(request.headers, record);
  const partial = parseRange(request.headers.range, record.size);
  const range = partial ?? { start: 0, end: record.size - 1 };
  return {
    status: partial === undefined ? 200 : 206,
    headers: {
      ...storedHeaders(record),
      ...(partial === undefined
        ? wantsChecksum(request)
          ? checksumHeaders(record.checksum)
          : {}
        : { "content-range": `bytes ${range.start}-${range.end}/${record.size}` }),
      ...overrides(request.query),
      "content-length": String(range.end - range.start + 1),
    },
    body: { segments: record.segments, range },
  };
}
