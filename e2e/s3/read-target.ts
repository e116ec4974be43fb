import type { S3Target } from "./servers/s3-server.ts";

export interface TestTarget extends S3Target {
  readonly bucket: string;
}

const NAMES = {
  endpoint: "S3R_TEST_S3_ENDPOINT",
  bucket: "S3R_TEST_S3_BUCKET",
  region: "S3R_TEST_S3_REGION",
  accessKeyId: "S3R_TEST_S3_ACCESS_KEY_ID",
  secretAccessKey: "S3R_TEST_S3_SECRET_ACCESS_KEY",
} as const satisfies Record<keyof TestTarget, string>;

type Environment = Readonly<Record<string, string | undefined>>;

function read(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === "")
    throw new Error(`${name} is not set; all of ${Object.values(NAMES).join(", ")} are needed`);
  return value;
}

/** The S3 server and the bucket that the tests use. @throws Error that names what is not set. */
export function readTarget(env: Environment): TestTarget {
  return {
    endpoint: read(env, NAMES.endpoint),
    bucket: read(env, NAMES.bucket),
    region: read(env, NAMES.region),
    accessKeyId: read(env, NAMES.accessKeyId),
    secretAccessKey: read(env, NAMES.secretAccessKey),
  };
}

/** The inverse of `readTarget`. */
export function targetEnvironment(target: TestTarget): Record<string, string> {
  return {
    [NAMES.endpoint]: target.endpoint,
    [NAMES.bucket]: target.bucket,
    [NAMES.region]: target.region,
    [NAMES.accessKeyId]: target.accessKeyId,
    [NAMES.secretAccessKey]: target.secretAccessKey,
  };
}
