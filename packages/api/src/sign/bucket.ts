/** Where the objects live, and how a request addresses them there. Knows no credentials and signs nothing. */
import { encodeObjectKey, OPERATIONS, type Operation } from "@s3r/shared";

export interface Bucket {
  readonly name: string;
  readonly region: string;
  /** `https://host[:port]` of an S3-compatible store; Amazon S3's regional endpoint when absent. */
  readonly endpoint?: string;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  readonly forcePathStyle: boolean;
  /** Put before every key, `""` or ending in `/`: what one deployment may reach of the bucket. */
  readonly keyPrefix: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function isBucketName(name: string): boolean {
  return /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u.test(name);
}

export const BUCKET_NAME_RULE = "3 to 63 of a-z, 0-9, `.` and `-`";

/** One request line at the store, not yet signed. */
export interface BucketAddress {
  readonly protocol: "http:" | "https:";
  /** With the port where it is not the protocol's own. */
  readonly host: string;
  /** Percent-encoded. */
  readonly path: string;
  /** Decoded. */
  readonly query: Readonly<Record<string, string>>;
}

/**
 * Amazon's regional endpoint. The global one answers other regions with a redirect that breaks the signature.
 * https://docs.aws.amazon.com/general/latest/gr/s3.html
 */
function regionalEndpoint(region: string): string {
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://s3.${region}.${suffix}`;
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
  const endpoint = new URL(bucket.endpoint ?? regionalEndpoint(bucket.region));
  const protocol = endpoint.protocol === "http:" ? "http:" : "https:";
  // A dot in the bucket's name would not match the endpoint's wildcard certificate.
  const pathStyle = bucket.forcePathStyle || bucket.name.includes(".");
  const host = pathStyle ? endpoint.host : `${bucket.name}.${endpoint.host}`;
  const root = pathStyle ? `/${bucket.name}/` : "/";

  return function addressOf(operation) {
    const { key, query } = keyAndQuery(bucket, operation);
    return { protocol, host, path: root + encodeObjectKey(key), query };
  };
}
