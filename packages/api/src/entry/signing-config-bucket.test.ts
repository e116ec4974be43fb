import { describe, expect, it } from "vitest";
import { parseBucket } from "./signing-config-bucket.ts";

type Env = Readonly<Record<string, string>>;

const HERE: Env = { S3R_BUCKET: "artifacts", S3R_REGION: "eu-central-1" };
const ELSEWHERE: Env = { ...HERE, S3R_S3_ENDPOINT: "https://s3.example.com" };
const ACCESS_POINT: Env = { ...HERE, S3R_BUCKET: "arn:aws:s3:eu-central-1:123456789012:accesspoint/my-ap" };

/** Whole sentences. */
function complaints(env: Env): readonly string[] {
  const said: string[] = [];
  parseBucket(env, (variable, mustBe) => void said.push(`${variable} ${mustBe}`));
  return said;
}

describe("parseBucket", () => {
  it("reads the variants of Amazon's endpoints", () => {
    const env = { ...HERE, S3R_USE_DUALSTACK: "true", S3R_USE_ACCELERATE: "1", S3R_USE_FIPS: "false" };
    expect(parseBucket(env, () => {})).toEqual({
      name: "artifacts",
      region: "eu-central-1",
      forcePathStyle: false,
      dualStack: true,
      accelerate: true,
      keyPrefix: "",
    });
    expect(complaints(env)).toEqual([]);
  });

  it("takes an access point by its host also where another endpoint is given", () => {
    const env = {
      ...ACCESS_POINT,
      S3R_S3_ENDPOINT: "https://accesspoint.vpce-1a2b.s3.eu-central-1.vpce.amazonaws.com",
    };
    expect(parseBucket(env, () => {})).toMatchObject({ forcePathStyle: false });
    expect(complaints(env)).toEqual([]);
  });

  it.each<readonly [env: Env, complaint: RegExp]>([
    [{ ...ELSEWHERE, S3R_USE_DUALSTACK: "true" }, /^S3R_USE_DUALSTACK must not be set beside S3R_S3_ENDPOINT/u],
    [{ ...ELSEWHERE, S3R_USE_FIPS: "true" }, /^S3R_USE_FIPS must not be set beside S3R_S3_ENDPOINT/u],
    [{ ...ELSEWHERE, S3R_USE_ACCELERATE: "true" }, /^S3R_USE_ACCELERATE must not be set beside S3R_S3_ENDPOINT/u],
    [{ ...HERE, S3R_S3_ENDPOINT: "https://s3.amazonaws.com" }, /^S3R_S3_ENDPOINT must be left out for Amazon S3/u],
    [
      { ...HERE, S3R_S3_ENDPOINT: "http://10.0.0.1:9000", S3R_FORCE_PATH_STYLE: "false" },
      /^S3R_FORCE_PATH_STYLE .*addr/u,
    ],
    [{ ...HERE, S3R_S3_ENDPOINT: "http://[::1]:9000", S3R_FORCE_PATH_STYLE: "0" }, /^S3R_FORCE_PATH_STYLE .*address/u],
    [{ ...ELSEWHERE, S3R_BUCKET: "my.bucket", S3R_FORCE_PATH_STYLE: "false" }, /^S3R_FORCE_PATH_STYLE .*`my\.bucket`/u],
    [{ ...HERE, S3R_REGION: "auto" }, /^S3R_REGION must be one of Amazon's, not `auto`, unless S3R_S3_ENDPOINT/u],
    [{ ...HERE, S3R_REGION: "cn-north-1", S3R_USE_FIPS: "true" }, /^S3R_USE_FIPS must not be set in `cn-north-1`/u],
    [{ ...HERE, S3R_USE_ACCELERATE: "yes" }, /^S3R_USE_ACCELERATE must be `true` or `false`/u],
    [{ ...HERE, S3R_USE_ACCELERATE: "true", S3R_USE_FIPS: "true" }, /^S3R_USE_ACCELERATE .*S3R_USE_FIPS/u],
    [{ ...HERE, S3R_USE_ACCELERATE: "true", S3R_BUCKET: "my.bucket" }, /^S3R_USE_ACCELERATE .*`\.` in its name/u],
    [
      { ...HERE, S3R_USE_ACCELERATE: "true", S3R_FORCE_PATH_STYLE: "true" },
      /^S3R_USE_ACCELERATE must not be set beside S3R_FORCE_PATH_STYLE/u,
    ],
    [{ ...ACCESS_POINT, S3R_USE_ACCELERATE: "true" }, /^S3R_USE_ACCELERATE must not be set for an access point/u],
    [{ ...HERE, S3R_USE_ACCELERATE: "true", S3R_BUCKET: "ap-x1-s3alias" }, /^S3R_USE_ACCELERATE .*access point/u],
    [{ ...HERE, S3R_USE_ACCELERATE: "true", S3R_REGION: "us-gov-west-1" }, /^S3R_USE_ACCELERATE .*`us-gov-west-1`/u],
    [{ ...ACCESS_POINT, S3R_FORCE_PATH_STYLE: "true" }, /^S3R_FORCE_PATH_STYLE must be absent for an access point/u],
    [{ ...ACCESS_POINT, S3R_REGION: "us-west-2" }, /^S3R_REGION must be `eu-central-1`, the region in the ARN/u],
    [
      { S3R_BUCKET: "arn:aws:s3:cn-north-1:123456789012:accesspoint/my-ap", S3R_REGION: "cn-north-1" },
      /^S3R_BUCKET must begin with `arn:aws-cn:`/u,
    ],
    [{ ...HERE, S3R_BUCKET: "arn:aws:s3::123456789012:accesspoint/a.mrap" }, /^S3R_BUCKET .*multi-Region.*SigV4A/u],
    [{ ...HERE, S3R_BUCKET: "artifacts--use1-az4--x-s3" }, /^S3R_BUCKET must not be a directory bucket/u],
  ])("complains of %j once, by the variable's name and with what to do", (env, complaint) => {
    expect(complaints(env)).toEqual([expect.stringMatching(complaint)]);
  });
});
