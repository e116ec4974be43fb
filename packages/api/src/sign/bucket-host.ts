/** The host that answers for a bucket, and what stands before the key in the path: the SDK's endpoint rules, for S3 alone. */
import { parseAccessPoint } from "./bucket-access-point.ts";
import { partitionOf } from "./bucket-partition.ts";
import type { Bucket } from "./bucket.ts";

export interface BucketHost {
  readonly protocol: "http:" | "https:";
  /** With the port where it is not the protocol's own. */
  readonly host: string;
  /** `/` or `/bucket/`. */
  readonly root: string;
}

/**
 * Amazon's regional endpoints. The global one answers other regions with a redirect that breaks the signature.
 * https://docs.aws.amazon.com/general/latest/gr/s3.html
 */
function awsEndpoint(bucket: Bucket, service: "s3" | "s3-accesspoint"): string {
  const { dnsSuffix } = partitionOf(bucket.region);
  const stack = bucket.dualStack === true ? ".dualstack" : "";
  if (bucket.accelerate === true) return `https://s3-accelerate${stack}.${dnsSuffix}`;
  return `https://${service}${bucket.fips === true ? "-fips" : ""}${stack}.${bucket.region}.${dnsSuffix}`;
}

/** An IP address as a URL has it: every way of writing an IPv4 one has become four numbers (WHATWG URL, 3.5). node:net would tell, and load sockets into the function. */
const ADDRESS = /^(?:\[|\d+\.\d+\.\d+\.\d+$)/u;

/**
 * Whether the bucket can be a label in front of the endpoint's host. A name with a dot would not match the wildcard
 * certificate, one with `_` or upper case is no host name, and an address has no names in front of it.
 */
export function isVirtualHostable(bucketName: string, endpoint: string | undefined): boolean {
  const isAddress = endpoint !== undefined && ADDRESS.test(new URL(endpoint).hostname);
  return !isAddress && /^[a-z0-9-]+$/u.test(bucketName);
}

export function bucketHost(bucket: Bucket): BucketHost {
  const accessPoint = parseAccessPoint(bucket.name);
  const service = accessPoint === undefined ? "s3" : "s3-accesspoint";
  const endpoint = new URL(bucket.endpoint ?? awsEndpoint(bucket, service));
  const protocol = endpoint.protocol === "http:" ? "http:" : "https:";
  const label = accessPoint === undefined ? bucket.name : `${accessPoint.name}-${accessPoint.account}`;
  return bucket.forcePathStyle || !isVirtualHostable(label, bucket.endpoint)
    ? { protocol, host: endpoint.host, root: `/${bucket.name}/` }
    : { protocol, host: `${label}.${endpoint.host}`, root: "/" };
}
