/** Where the bucket is and how it is addressed, from the environment. What does not go together is complained about at the start. */
import { parsePrefix, ProtocolError } from "@s3r/shared";
import { bucketNameProblem } from "../sign/bucket-name.ts";
import { parseAccessPoint } from "../sign/bucket-access-point.ts";
import type { Bucket } from "../sign/bucket.ts";
import { isPlainOrigin } from "./is-plain-origin.ts";
import { complainOfConflicts } from "./signing-config-conflicts.ts";
import type { Complain, Environment } from "./signing-config.ts";

function parseBucketName(name: string, atAmazon: boolean, complain: Complain): string {
  const problem = bucketNameProblem(name, atAmazon);
  if (problem === undefined) return name;
  complain("S3R_BUCKET", problem);
  return "";
}

function parseRegion(env: Environment, complain: Complain): string {
  const region = env["S3R_REGION"] ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  if (region === undefined || !/^[a-z0-9-]{1,32}$/u.test(region)) {
    complain(
      "S3R_REGION",
      "must be the bucket's region, such as `eu-central-1` (AWS_REGION is taken where it is absent)",
    );
    return "";
  }
  return region;
}

function parseEndpoint(value: string | undefined, complain: Complain): string | undefined {
  if (value !== undefined && !isPlainOrigin(value)) {
    complain("S3R_S3_ENDPOINT", "must be the store's origin without a path, such as `https://s3.example.com`");
  }
  return value;
}

function parseFlag(env: Environment, variable: string, whenAbsent: boolean, complain: Complain): boolean {
  const value = env[variable];
  if (value !== undefined && !["true", "false", "1", "0"].includes(value)) {
    complain(variable, "must be `true` or `false`");
  }
  return value === undefined ? whenAbsent : value === "true" || value === "1";
}

function parseKeyPrefix(value: string, complain: Complain): string {
  try {
    // It ends in `/`, or `team-a` would also open `team-ab/`.
    if (value !== "" && !value.endsWith("/")) throw new ProtocolError("InvalidKey", "it must end in `/`");
    return parsePrefix(value);
  } catch (error) {
    complain(
      "S3R_KEY_PREFIX",
      `must be a prefix of keys such as \`builds/\`: ${error instanceof Error ? error.message : ""}`,
    );
    return "";
  }
}

/** What can be read of each variable by itself. */
function readBucket(env: Environment, complain: Complain): Bucket {
  const name = env["S3R_BUCKET"] ?? "";
  const endpoint = parseEndpoint(env["S3R_S3_ENDPOINT"], complain);
  // Other stores rarely have a host name for each bucket; an access point is always one.
  const pathStyle = endpoint !== undefined && parseAccessPoint(name) === undefined;
  return {
    name: parseBucketName(name, endpoint === undefined, complain),
    region: parseRegion(env, complain),
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: parseFlag(env, "S3R_FORCE_PATH_STYLE", pathStyle, complain),
    ...(parseFlag(env, "S3R_USE_DUALSTACK", false, complain) ? { dualStack: true } : {}),
    ...(parseFlag(env, "S3R_USE_ACCELERATE", false, complain) ? { accelerate: true } : {}),
    ...(parseFlag(env, "S3R_USE_FIPS", false, complain) ? { fips: true } : {}),
    keyPrefix: parseKeyPrefix(env["S3R_KEY_PREFIX"] ?? "", complain),
  };
}

/** @param env without empty variables. */
export function parseBucket(env: Environment, complain: Complain): Bucket {
  let complaints = 0;
  const bucket = readBucket(env, (variable, mustBe) => {
    complaints += 1;
    complain(variable, mustBe);
  });
  if (complaints === 0) complainOfConflicts(bucket, complain);
  return bucket;
}
