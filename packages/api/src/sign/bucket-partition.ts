/** Which of Amazon's clouds a region belongs to: they share neither accounts nor domains. */

export interface Partition {
  /** As in an ARN. */
  readonly name: string;
  /** What the host names of its services end in. */
  readonly dnsSuffix: string;
}

/**
 * By the prefix of the region, as `@aws-sdk`'s `partitions.json` (endpoints 1.1) has them; a region that is newer
 * than this table is one of the commercial partition, which is also what the SDK assumes.
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
const PARTITIONS: Readonly<Record<string, Partition>> = {
  "cn-": { name: "aws-cn", dnsSuffix: "amazonaws.com.cn" },
  "us-gov-": { name: "aws-us-gov", dnsSuffix: "amazonaws.com" },
  "us-iso-": { name: "aws-iso", dnsSuffix: "c2s.ic.gov" },
  "us-isob-": { name: "aws-iso-b", dnsSuffix: "sc2s.sgov.gov" },
  "eu-isoe-": { name: "aws-iso-e", dnsSuffix: "cloud.adc-e.uk" },
  "us-isof-": { name: "aws-iso-f", dnsSuffix: "csp.hci.ic.gov" },
  "eusc-": { name: "aws-eusc", dnsSuffix: "amazonaws.eu" },
};

export function partitionOf(region: string): Partition {
  const found = Object.entries(PARTITIONS).find(([prefix]) => region.startsWith(prefix));
  return found?.[1] ?? { name: "aws", dnsSuffix: "amazonaws.com" };
}

/** `eu-central-1`, `us-gov-west-1`: not `auto`, `global` or what other stores call their regions. */
export function isAwsRegion(region: string): boolean {
  return /^[a-z]{2,4}(?:-[a-z]+){1,2}-\d{1,2}$/u.test(region);
}
