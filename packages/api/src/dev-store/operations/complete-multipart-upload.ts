/** Makes an object of parts. Nothing is copied: the object refers to the parts' blobs. */
import {
  CHECKSUMS,
  combineChecksums,
  createChecksum,
  type ChecksumAlgorithm,
  type CombinableAlgorithm,
} from "@s3r/shared/checksum";
import { checkedValue, holdDigests, multipartEtag } from "../body/checksums.ts";
import { checkWriteConditions } from "../conditions.ts";
import type { ObjectRecord, PartRecord, StoredChecksum, Upload, UploadRecord } from "../disk/records.ts";
import { S3Error } from "../s3-error.ts";
import type { S3Answer, S3Request } from "../s3-request.ts";
import { formatXml } from "../xml/format-xml.ts";
import { completeSchema, parseXmlBody, type CompletedPart } from "../xml/parse-xml.ts";
import type { OperationContext } from "./context.ts";
import { findUpload } from "./multipart-upload.ts";
import { commitObject, wholeSeconds } from "./put-object.ts";

const MIN_PART_BYTES = 5 * 1024 ** 2;

function checkOrder(parts: readonly CompletedPart[]): void {
  const ordered = parts.every((part, index) => index === 0 || part.PartNumber > (parts[index - 1]?.PartNumber ?? 0));
  if (!ordered)
    throw new S3Error(
      "InvalidPartOrder",
      "The list of parts was not in ascending order. Parts must be ordered by part number.",
    );
}

function invalidPart(partNumber: number): never {
  throw new S3Error(
    "InvalidPart",
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { elements: { PartNumber: String(partNumber) } },
  );
}

function bareEtag(etag: string): string {
  return etag.replaceAll('"', "");
}

function findPart({ parts }: Upload, completed: CompletedPart): PartRecord {
  const part = parts.get(completed.PartNumber);
  if (part === undefined || bareEtag(part.etag) !== bareEtag(completed.ETag)) return invalidPart(completed.PartNumber);
  const { checksum } = part;
  const claimed = checksum === undefined ? undefined : completed[CHECKSUMS[checksum.algorithm].xmlElement];
  return claimed !== undefined && claimed !== checksum?.value ? invalidPart(completed.PartNumber) : part;
}

function checkSizes(parts: readonly PartRecord[]): void {
  const small = parts.slice(0, -1).find(({ segment }) => segment.size < MIN_PART_BYTES);
  if (small === undefined) return;
  throw new S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", {
    elements: {
      ProposedSize: String(small.segment.size),
      MinSizeAllowed: String(MIN_PART_BYTES),
      PartNumber: String(small.partNumber),
    },
  });
}

async function compositeValue(algorithm: StoredChecksum["algorithm"], parts: readonly PartRecord[]): Promise<string> {
  const checksum = await createChecksum(algorithm);
  for (const part of parts) checksum.update(Buffer.from(part.checksum?.value ?? "", "base64"));
  return `${checksum.digest()}-${parts.length}`;
}

/** Only the CRCs have one: the checksum of the whole follows from those of the parts, and nothing is read again. */
function fullObjectValue(algorithm: CombinableAlgorithm, parts: readonly PartRecord[]): string {
  return combineChecksums(
    algorithm,
    parts.map(({ checksum, segment }) => ({ value: checksum?.value ?? "", size: segment.size })),
  );
}

/** What the client says of the whole object, in the headers of the completion. */
function checkClaims(headers: S3Request["headers"], checksum: StoredChecksum): void {
  const type = headers["x-amz-checksum-type"];
  if (type !== undefined && String(type).toUpperCase() !== checksum.type) {
    throw new S3Error(
      "InvalidRequest",
      `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const spec = CHECKSUMS[checksum.algorithm];
  const claimed = headers[spec.header];
  if (claimed === undefined) return;
  const bare = String(claimed).replace(/-\d+$/u, "");
  if (checkedValue(spec, bare) !== checksum.value.replace(/-\d+$/u, "")) {
    throw new S3Error("BadDigest", `The ${spec.algorithm} you specified did not match the calculated checksum.`);
  }
}

function isCombinable(algorithm: ChecksumAlgorithm): algorithm is CombinableAlgorithm {
  return CHECKSUMS[algorithm].multipartTypes.includes("FULL_OBJECT");
}

async function objectChecksum(
  wanted: NonNullable<UploadRecord["checksum"]>,
  parts: readonly PartRecord[],
): Promise<StoredChecksum> {
  const { algorithm, type } = wanted;
  const isFull = type === "FULL_OBJECT" && isCombinable(algorithm);
  return { ...wanted, value: isFull ? fullObjectValue(algorithm, parts) : await compositeValue(algorithm, parts) };
}

function checkObjectSize(headers: S3Request["headers"], size: number): void {
  const claimed = headers["x-amz-mp-object-size"];
  if (claimed === undefined || claimed === String(size)) return;
  throw new S3Error(
    "InvalidRequest",
    `The provided 'x-amz-mp-object-size' header value ${String(claimed)} does not match what was computed: ${size}`,
  );
}

/** The object that the listed parts make, if all that is said of it is true. */
async function assembleObject(
  context: OperationContext,
  request: S3Request,
  completed: readonly CompletedPart[],
): Promise<ObjectRecord> {
  const upload = findUpload(context, request);
  const { record } = upload;
  const parts = completed.map((each) => findPart(upload, each));
  checkSizes(parts);
  const size = parts.reduce((sum, { segment }) => sum + segment.size, 0);
  checkObjectSize(request.headers, size);
  const checksum = record.checksum === undefined ? undefined : await objectChecksum(record.checksum, parts);
  if (checksum !== undefined) checkClaims(request.headers, checksum);

  return {
    bucket: record.bucket,
    key: record.key,
    segments: parts.map(({ segment }) => segment),
    size,
    etag: multipartEtag(parts.map(({ etag }) => etag)),
    lastModified: wholeSeconds(context.now()),
    headers: record.headers,
    ...(checksum === undefined ? {} : { checksum }),
  };
}

export async function completeMultipartUpload(context: OperationContext, request: S3Request): Promise<S3Answer> {
  const { uploadId } = findUpload(context, request).record;
  checkWriteConditions(request.headers, context.storage.getObject(request.bucket, request.key));
  const { Part } = (await parseXmlBody(completeSchema, holdDigests(request))).CompleteMultipartUpload;
  checkOrder(Part);
  // All of it in turn with other requests for the upload: a second completion or an abort must not take the parts from this one.
  const object = await context.storage.endUpload(uploadId, async () => {
    const assembled = await assembleObject(context, request, Part);
    await commitObject(context, request, assembled);
    return assembled;
  });
  return { status: 200, body: completeXml(object) };
}

function completeXml({ bucket, key, etag, checksum }: ObjectRecord): string {
  return formatXml("CompleteMultipartUploadResult", {
    Bucket: bucket,
    Key: key,
    ETag: etag,
    ...(checksum === undefined
      ? {}
      : { [CHECKSUMS[checksum.algorithm].xmlElement]: checksum.value, ChecksumType: checksum.type }),
  });
}
