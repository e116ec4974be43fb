/** Where the objects live, and how a request addresses them there. Knows no credentials and signs nothing. */
import { encodeObjectKey, OPERATIONS, type Operation } from "@s3r/shared";
import { bucketHost, type BucketHost } from "./bucket-host.ts";

/** Which of these go together is checked by whoever reads them from somewhere: here they are taken as they are. */
export interface Bucket {
  /** Or the ARN of an access point, whose region must then be the one below. */
  readonly name: string;
  readonly region: string;
  /** `https://host[:port]` of an S3-compatible store; Amazon S3's regional endpoint when absent. */
  readonly endpoint?: string;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  readonly forcePathStyle: boolean;
  /** Amazon's endpoints that have an IPv6 address too. */
  readonly dualStack?: boolean;
  /** Amazon's Transfer Acceleration: in by the nearest edge location. */
  readonly accelerate?: boolean;
  /** Amazon's endpoints with FIPS 140 validated cryptography. */
  readonly fips?: boolean;
  /** Put before every key, `""` or ending in `/`: what one deployment may reach of the bucket. */
  readonly keyPrefix: string;
}

/** One request line at the store, not yet signed. */
export interface BucketAddress extends Pick<BucketHost, "protocol" | "host"> {
  /** Percent-encoded. */
  readonly path: string;
  /** Decoded. */
  readonly query: Readonly<Record<string, string>>;
}

/** A listing names its prefix in the query and the bucket in the path; all else names the object in the path. */
function keyAndQuery(bucket: Bucket, operation: Operation): { key: string; query: Readonly<Record<string, string>> } {
  const fullKey = bucket.keyPrefix + operation.key;
  if (OPERATIONS[operation.name].target === "object") return { key: fullKey, query: operation.query };
  const startAfter = operation.query["start-after"];
  return {
    key: "",
    query: {
      ...operation.query,
      prefix: fullKey,
      ...(startAfter === undefined ? {} : { "start-after": bucket.keyPrefix + startAfter }),
    },
  };
}

/** Returns a function from an operation to its address, with all that does not change computed once. */
export function createBucketAddressing(bucket: Bucket): (operation: Operation) => BucketAddress {
  const { protocol, host, root } = bucketHost(bucket);
  return function addressOf(operation) {
    const { key, query } = keyAndQuery(bucket, operation);
    return { protocol, host, path: root + encodeObjectKey(key), query };
  };
}
