/** CreateMultipartUpload, UploadPart, ListParts, AbortMultipartUpload, ListMultipartUploads. */
import { randomUUID } from "node:crypto";
import { CHECKSUM_LIST, CHECKSUMS, type ChecksumSpec } from "@s3r/shared/checksum";
import { announcedChecksum } from "../body/checksums.ts";
import type { PartRecord, Upload, UploadRecord } from "../disk/records.ts";
import { S3Error } from "../s3-error.ts";
import type { S3Answer, S3Request } from "../s3-request.ts";
import { formatXml, type XmlElements } from "../xml/format-xml.ts";
import type { OperationContext } from "./context.ts";
import { parsePageSize } from "./list-objects.ts";
import { keptHeaders, refuseUnsupported } from "./object-headers.ts";
import { receiveBody } from "./put-object.ts";

const MAX_PART_NUMBER = 10_000;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html, "Full object and composite checksum types" */
function parseUploadChecksum(headers: S3Request["headers"]): UploadRecord["checksum"] {
  const algorithm = headers["x-amz-checksum-algorithm"];
  const type = headers["x-amz-checksum-type"];
  if (algorithm === undefined) return undefined;
  const spec = CHECKSUM_LIST.find((each) => each.algorithm === String(algorithm).toUpperCase());
  if (spec === undefined)
    throw new S3Error(
      "InvalidRequest",
      "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    );
  const asked =
    type === undefined
      ? spec.multipartTypes[0]
      : spec.multipartTypes.find((each) => each === String(type).toUpperCase());
  if (asked === undefined) {
    throw new S3Error(
      "InvalidRequest",
      `The ${String(type)} checksum type cannot be used with the ${spec.algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm: spec.algorithm, type: asked };
}

export async function createMultipartUpload(
  { storage, now }: OperationContext,
  { bucket, key, headers }: S3Request,
): Promise<S3Answer> {
  const uploadId = randomUUID();
  const checksum = parseUploadChecksum(headers);
  await storage.createUpload({
    uploadId,
    bucket,
    key,
    initiated: now(),
    headers: keptHeaders(headers),
    ...(checksum === undefined ? {} : { checksum }),
  });
  return {
    status: 200,
    headers:
      checksum === undefined
        ? {}
        : { "x-amz-checksum-algorithm": checksum.algorithm, "x-amz-checksum-type": checksum.type },
    body: formatXml("InitiateMultipartUploadResult", { Bucket: bucket, Key: key, UploadId: uploadId }),
  };
}

function noSuchUpload(): never {
  throw new S3Error(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
  );
}

/** @throws S3Error NoSuchUpload also for an upload of another object: the ID alone opens nothing. */
export function findUpload({ storage }: OperationContext, { bucket, key, query }: S3Request): Upload {
  const upload = storage.getUpload(query.get("uploadId") ?? "");
  if (upload === undefined || upload.record.bucket !== bucket || upload.record.key !== key) return noSuchUpload();
  return upload;
}

function parsePartNumber(value: string | undefined): number {
  const partNumber = /^\d{1,5}$/u.test(value ?? "") ? Number(value) : 0;
  if (partNumber >= 1 && partNumber <= MAX_PART_NUMBER) return partNumber;
  throw new S3Error("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive", {
    elements: { ArgumentName: "partNumber" },
  });
}

function checkAlgorithm(headers: S3Request["headers"], { checksum }: UploadRecord): void {
  const claimed: ChecksumSpec | undefined = announcedChecksum(headers);
  if (claimed?.algorithm === checksum?.algorithm) return;
  // S3 computes what the checksum of a full object needs (versity/versitygw#1419), and not what a composite one is made of (floci-io/floci#3093).
  if (claimed === undefined && checksum?.type === "FULL_OBJECT") return;
  throw new S3Error(
    "InvalidRequest",
    `Checksum Type mismatch occurred, expected checksum Type: ${checksum?.algorithm.toLowerCase() ?? "null"}, actual checksum Type: ${claimed?.algorithm.toLowerCase() ?? "null"}`,
  );
}

export async function uploadPart(context: OperationContext, request: S3Request): Promise<S3Answer> {
  const partNumber = parsePartNumber(request.query.get("partNumber"));
  refuseUnsupported(request.headers);
  const { record } = findUpload(context, request);
  checkAlgorithm(request.headers, record);
  const { segment, etag, checksum } = await receiveBody(context, request, record.checksum?.algorithm);
  const part: PartRecord = {
    partNumber,
    segment,
    etag,
    lastModified: context.now(),
    ...(checksum === undefined ? {} : { checksum }),
  };
  if (!(await context.storage.putPart(record.uploadId, part))) noSuchUpload();
  const headers = checksum === undefined ? {} : { [CHECKSUMS[checksum.algorithm].header]: checksum.value };
  return { status: 200, headers: { etag, ...headers } };
}

function sortedParts({ parts }: Upload): PartRecord[] {
  return [...parts.values()].sort((a, b) => a.partNumber - b.partNumber);
}

function partElements({ partNumber, lastModified, etag, segment, checksum }: PartRecord): XmlElements {
  return {
    PartNumber: partNumber,
    LastModified: new Date(lastModified).toISOString(),
    ETag: etag,
    Size: segment.size,
    ...(checksum === undefined ? {} : { [CHECKSUMS[checksum.algorithm].xmlElement]: checksum.value }),
  };
}

function parseMarker(value: string | undefined): number {
  if (value === undefined) return 0;
  if (!/^\d{1,9}$/u.test(value))
    throw new S3Error("InvalidArgument", "Provided part-number-marker not an integer or within integer range");
  return Number(value);
}

export function listParts(context: OperationContext, request: S3Request): S3Answer {
  const upload = findUpload(context, request);
  const marker = parseMarker(request.query.get("part-number-marker"));
  const maxParts = parsePageSize(request.query.get("max-parts"), "max-parts");
  const remaining = sortedParts(upload).filter(({ partNumber }) => partNumber > marker);
  const page = remaining.slice(0, maxParts);
  const { bucket, key, uploadId, checksum } = upload.record;
  return {
    status: 200,
    body: formatXml("ListPartsResult", {
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
      PartNumberMarker: marker,
      NextPartNumberMarker: page.at(-1)?.partNumber ?? 0,
      MaxParts: maxParts,
      IsTruncated: remaining.length > page.length,
      StorageClass: "STANDARD",
      ChecksumAlgorithm: checksum?.algorithm,
      ChecksumType: checksum?.type,
      Part: page.map(partElements),
    }),
  };
}

export async function abortMultipartUpload(context: OperationContext, request: S3Request): Promise<S3Answer> {
  const { uploadId } = findUpload(context, request).record;
  await context.storage.endUpload(uploadId, async () => {
    // A completion may have come first.
    findUpload(context, request);
    return undefined;
  });
  return { status: 204 };
}

export function listMultipartUploads({ storage }: OperationContext, { bucket, query }: S3Request): S3Answer {
  const prefix = query.get("prefix") ?? "";
  const uploads = storage.listUploads(bucket).filter(({ record }) => record.key.startsWith(prefix));
  return {
    status: 200,
    body: formatXml("ListMultipartUploadsResult", {
      Bucket: bucket,
      Prefix: prefix,
      MaxUploads: 1000,
      IsTruncated: false,
      Upload: uploads.map(({ record }) => ({
        Key: record.key,
        UploadId: record.uploadId,
        Initiated: new Date(record.initiated).toISOString(),
      })),
    }),
  };
}
