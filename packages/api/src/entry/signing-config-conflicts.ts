/** Settings of a bucket that are right by themselves and impossible together: each with what to do instead. */
import { parseAccessPoint } from "../sign/bucket-access-point.ts";
import { isVirtualHostable } from "../sign/bucket-host.ts";
import { isAwsRegion, partitionOf } from "../sign/bucket-partition.ts";
import type { Bucket } from "../sign/bucket.ts";
import type { Complain } from "./signing-config.ts";

/** Where the endpoint is one's own, Amazon's variants of its own endpoint mean nothing. */
function complainOfEndpoint({ endpoint, dualStack, fips, accelerate, region }: Bucket, complain: Complain): void {
  const instead = "must not be set beside S3R_S3_ENDPOINT:";
  if (dualStack === true) complain("S3R_USE_DUALSTACK", `${instead} give an endpoint that has IPv6 by itself`);
  if (fips === true) complain("S3R_USE_FIPS", `${instead} give the FIPS endpoint itself, or leave the endpoint out`);
  if (accelerate === true) complain("S3R_USE_ACCELERATE", `${instead} it is Amazon's; leave one of them out`);
  if (new URL(endpoint ?? "").host === "s3.amazonaws.com" && region !== "us-east-1") {
    // It redirects to the region, and the signature is for the host that was signed.
    complain("S3R_S3_ENDPOINT", "must be left out for Amazon S3: its endpoint is made of S3R_REGION");
  }
}

/** The other way round: a name for each bucket where there can be none. */
function complainOfVirtualHost({ name, endpoint, forcePathStyle }: Bucket, complain: Complain): void {
  if (forcePathStyle || parseAccessPoint(name) !== undefined || isVirtualHostable(name, endpoint)) return;
  const why = isVirtualHostable("bucket", endpoint)
    ? `the bucket's name \`${name}\` cannot stand in front of a host name`
    : "the endpoint is an address, which has no names in front of it";
  complain("S3R_FORCE_PATH_STYLE", `must be \`true\` or absent: ${why}`);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html, "Requirements" */
function complainOfAcceleration({ name, region, forcePathStyle, fips }: Bucket, complain: Complain): void {
  const variable = "S3R_USE_ACCELERATE";
  if (fips === true) complain(variable, "must not be set beside S3R_USE_FIPS: no accelerated endpoint is validated");
  if (forcePathStyle)
    complain(variable, "must not be set beside S3R_FORCE_PATH_STYLE: it takes the bucket in the host");
  if (name.includes(".")) {
    complain(variable, "must not be set for a bucket with a `.` in its name: S3 accelerates none of them");
  }
  if (parseAccessPoint(name) !== undefined || name.endsWith("-s3alias")) {
    complain(variable, "must not be set for an access point: name the bucket itself in S3R_BUCKET");
  }
  // The SDK would address one; https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-s3.html has none.
  if (partitionOf(region).name !== "aws") complain(variable, `must not be set in \`${region}\`: there is none there`);
}

function complainOfAccessPoint({ name, region, forcePathStyle }: Bucket, complain: Complain): void {
  const accessPoint = parseAccessPoint(name);
  if (accessPoint === undefined) return;
  if (forcePathStyle) {
    complain("S3R_FORCE_PATH_STYLE", "must be absent for an access point, which is addressed by its host only");
  }
  if (accessPoint.region !== region) {
    complain("S3R_REGION", `must be \`${accessPoint.region}\`, the region in the ARN of S3R_BUCKET`);
  }
  const { name: partition } = partitionOf(accessPoint.region);
  if (accessPoint.partition !== partition) {
    complain("S3R_BUCKET", `must begin with \`arn:${partition}:\`: that is the partition of ${accessPoint.region}`);
  }
}

function complainOfAmazon({ region, fips }: Bucket, complain: Complain): void {
  if (!isAwsRegion(region)) {
    complain("S3R_REGION", `must be one of Amazon's, not \`${region}\`, unless S3R_S3_ENDPOINT names another store`);
  }
  if (fips === true && partitionOf(region).name === "aws-cn") {
    complain("S3R_USE_FIPS", `must not be set in \`${region}\`: there are no FIPS endpoints there`);
  }
}

/** @param bucket of which every setting is right by itself. */
export function complainOfConflicts(bucket: Bucket, complain: Complain): void {
  complainOfAccessPoint(bucket, complain);
  if (bucket.endpoint === undefined) {
    complainOfAmazon(bucket, complain);
    if (bucket.accelerate === true) complainOfAcceleration(bucket, complain);
  } else {
    complainOfEndpoint(bucket, complain);
    complainOfVirtualHost(bucket, complain);
  }
}
