/** ListBuckets, CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation, GetBucketVersioning: what tools ask before they begin. */
import { S3Error } from "../s3-error.ts";
import type { S3Answer, S3Request } from "../s3-request.ts";
import { formatXml } from "../xml/format-xml.ts";
import type { OperationContext } from "./context.ts";

export function listBuckets({ storage }: OperationContext): S3Answer {
  const buckets = [...storage.buckets()].map(([name, created]) => ({
    Name: name,
    CreationDate: new Date(created).toISOString(),
  }));
  return {
    status: 200,
    body: formatXml("ListAllMyBucketsResult", {
      Owner: { ID: "s3r-dev", DisplayName: "s3r-dev" },
      Buckets: { Bucket: buckets },
    }),
  };
}

export async function createBucket({ storage, now }: OperationContext, { bucket }: S3Request): Promise<S3Answer> {
  if (!/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u.test(bucket)) {
    throw new S3Error("InvalidBucketName", "The specified bucket is not valid.");
  }
  if (storage.buckets().has(bucket)) {
    throw new S3Error(
      "BucketAlreadyOwnedByYou",
      "Your previous request to create the named bucket succeeded and you already own it.",
    );
  }
  await storage.createBucket(bucket, now());
  return { status: 200, headers: { location: `/${bucket}` } };
}

export async function deleteBucket({ storage }: OperationContext, { bucket }: S3Request): Promise<S3Answer> {
  if (storage.listObjects(bucket).length > 0 || storage.listUploads(bucket).length > 0) {
    throw new S3Error("BucketNotEmpty", "The bucket you tried to delete is not empty");
  }
  await storage.deleteBucket(bucket);
  return { status: 204 };
}

export function headBucket({ region }: OperationContext): S3Answer {
  return { status: 200, headers: { "x-amz-bucket-region": region } };
}

/** us-east-1 is the empty location (API_GetBucketLocation). */
export function getBucketLocation({ region }: OperationContext): S3Answer {
  const location = region === "us-east-1" ? "" : region;
  return { status: 200, body: formatXml("LocationConstraint", {}).replace("></", `>${location}</`) };
}

export function getBucketVersioning(): S3Answer {
  return { status: 200, body: formatXml("VersioningConfiguration", {}) };
}
