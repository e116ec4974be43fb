import { claimedMd5, openBodyChecksum, verifiedValue, verifyMd5 } from "../body/checksums.ts";
import { checkWriteConditions } from "../conditions.ts";
import type { ObjectRecord, Segment, StoredChecksum } from "../disk/records.ts";
import type { S3Answer, S3Request } from "../s3-request.ts";
import type { OperationContext } from "./context.ts";
import { checksumHeaders, keptHeaders } from "./object-headers.ts";

export interface ReceivedBody {
  readonly segment: Segment;
  /** With its quotes. */
  readonly etag: string;
  readonly checksum: StoredChecksum | undefined;
}

/**
 * Takes a request's body to a blob, and verifies what the client says about it.
 * @throws S3Error; the blob is gone then.
 */
export async function receiveBody(
  { storage }: OperationContext,
  { headers, openBody }: S3Request,
  wanted?: StoredChecksum["algorithm"],
): Promise<ReceivedBody> {
  const md5 = claimedMd5(headers);
  const checksum = await openBodyChecksum(headers, wanted);
  const body = openBody();
  const written = await storage.blobs.write(body.chunks, checksum === undefined ? [] : [checksum.checksum]);
  try {
    verifyMd5(md5, written.md5);
    const stored: StoredChecksum | undefined =
      checksum === undefined
        ? undefined
        : { algorithm: checksum.spec.algorithm, type: "FULL_OBJECT", value: verifiedValue(checksum, body) };
    return { segment: written.segment, etag: `"${written.md5}"`, checksum: stored };
  } catch (error) {
    await storage.blobs.remove([written.segment]);
    throw error;
  }
}

/** HTTP dates have whole seconds, and conditions compare them. */
export function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}

/** Makes the object what was received, if the request's conditions hold at that moment; else nothing has happened. */
export async function commitObject(context: OperationContext, request: S3Request, record: ObjectRecord): Promise<void> {
  await context.storage.changeObject(record.bucket, record.key, (current) => {
    checkWriteConditions(request.headers, current);
    return record;
  });
}

export async function putObject(context: OperationContext, request: S3Request): Promise<S3Answer> {
  const { storage, now } = context;
  const headers = keptHeaders(request.headers);
  // Early, so that a body that cannot be kept is not sent; and again when it is committed.
  checkWriteConditions(request.headers, storage.getObject(request.bucket, request.key));
  const { segment, etag, checksum } = await receiveBody(context, request);
  const record: ObjectRecord = {
    bucket: request.bucket,
    key: request.key,
    segments: [segment],
    size: segment.size,
    etag,
    lastModified: wholeSeconds(now()),
    headers,
    ...(checksum === undefined ? {} : { checksum }),
  };
  try {
    await commitObject(context, request, record);
  } catch (error) {
    await storage.blobs.remove([segment]);
    throw error;
  }
  return { status: 200, headers: { etag, ...checksumHeaders(checksum) } };
}
