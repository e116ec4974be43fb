/** What may stand where a bucket is named, and why the rest may not. */
import { parseAccessPoint } from "./bucket-access-point.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function isBucketName(name: string): boolean {
  return /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u.test(name);
}

export const BUCKET_NAME_RULE = "3 to 63 of a-z, 0-9, `.` and `-`";

/** Other stores also have `_` (Google) and upper case (Backblaze); neither changes the path. */
function isForeignBucketName(name: string): boolean {
  return /^(?!.*\.\.)[\dA-Za-z][\w.-]{1,61}[\dA-Za-z]$/u.test(name);
}

interface Refused {
  readonly like: RegExp;
  readonly because: string;
}

/** Those that need another signature, or another service's name in it, than SigV4 for `s3`. */
const REFUSED: readonly Refused[] = [
  {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html
    like: /^arn:aws[a-z-]*:s3::\d+:accesspoint|\.mrap$/u,
    because:
      "must not be a multi-Region access point: it takes SigV4A signatures only, which s3r does not make; name the bucket or an access point in one region",
  },
  {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-create-session.html
    like: /--xa?-s3$|^arn:aws[a-z-]*:s3express:/u,
    because:
      "must not be a directory bucket (S3 Express): it takes session credentials of CreateSession, which s3r does not ask for; name a general purpose bucket",
  },
  {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/WorkingWithS3Outposts.html
    like: /--op-s3$|^arn:aws[a-z-]*:s3-outposts:/u,
    because: "must not be an access point of S3 on Outposts, which is another service; name a bucket in a region",
  },
  {
    like: /--ol-s3$|^arn:aws[a-z-]*:s3-object-lambda:/u,
    because:
      "must not be an Object Lambda access point, which is another service and takes no uploads; name the bucket or the access point behind it",
  },
];

/**
 * @param atAmazon false where an endpoint of one's own is given.
 * @returns the rest of a sentence that begins with the setting's name; undefined when the name can be used.
 */
export function bucketNameProblem(name: string, atAmazon: boolean): string | undefined {
  if (parseAccessPoint(name) !== undefined) return undefined;
  const refused = atAmazon || name.startsWith("arn:") ? REFUSED.find(({ like }) => like.test(name)) : undefined;
  if (refused !== undefined) return refused.because;
  if (atAmazon ? isBucketName(name) : isForeignBucketName(name)) return undefined;
  const orArn = "or the ARN of an access point, `arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME`";
  return atAmazon
    ? `must be the bucket's name: ${BUCKET_NAME_RULE}, ${orArn}`
    : "must be the bucket's name: 3 to 63 of A-Z, a-z, 0-9, `.`, `_` and `-`";
}
