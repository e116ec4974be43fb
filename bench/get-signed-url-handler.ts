/** The rival of `bench/cold-start.ts`: a handler that redirects as one would write it with the AWS SDK, and checks nothing. */
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const client = new S3Client();

export async function handler({ rawPath }: { readonly rawPath: string }): Promise<unknown> {
  const command = new GetObjectCommand({
    Bucket: process.env["S3R_BUCKET"],
    Key: decodeURIComponent(rawPath.slice(1)),
  });
  return { statusCode: 307, headers: { location: await getSignedUrl(client, command, { expiresIn: 300 }) } };
}
