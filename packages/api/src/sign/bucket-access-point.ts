/** Access points: other names for a bucket, with their own policies. By ARN here; an alias is a bucket's name like any other. */

export interface AccessPoint {
  readonly partition: string;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  readonly name: string;
}

/** Names: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations.html */
const ACCESS_POINT_ARN =
  /^arn:(?<partition>aws[a-z-]*):s3:(?<region>[a-z0-9-]+):(?<account>\d{12}):accesspoint[/:](?<name>[a-z0-9][a-z0-9-]{1,48}[a-z0-9])$/u;

/** @returns undefined for all that is not the ARN of an access point in one region. */
export function parseAccessPoint(bucketName: string): AccessPoint | undefined {
  const { partition, region, account, name } = ACCESS_POINT_ARN.exec(bucketName)?.groups ?? {};
  if (partition === undefined || region === undefined || account === undefined || name === undefined) return undefined;
  return { partition, region, account, name };
}
