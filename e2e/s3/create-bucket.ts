import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { TestTarget } from "./read-target.ts";

export async function createBucket({
  bucket,
  endpoint,
  region,
  accessKeyId,
  secretAccessKey,
}: TestTarget): Promise<void> {
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
}
