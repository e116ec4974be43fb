import { describe, expect, it } from "vitest";
import { parseLambdaConfig } from "./lambda-config.ts";

const MINIMUM = {
  S3R_FRONT_DOOR: "function-url",
  S3R_BUCKET: "artifacts",
  S3R_POLICY_FILE: "policy.json",
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "secret",
};

/** The variables that are complained about. */
function complaints(env: Record<string, string>): string[] {
  const result = parseLambdaConfig(env);
  return result.ok ? [] : result.complaints.map((complaint) => complaint.split(" ")[0] ?? "");
}

function basePathOf(S3R_BASE_PATH: string): string | undefined {
  const result = parseLambdaConfig({ ...MINIMUM, S3R_BASE_PATH });
  return result.ok ? result.config.basePath : "refused";
}

describe("parseLambdaConfig", () => {
  it("needs a front door, a bucket, a policy, and what Lambda itself sets", () => {
    expect(parseLambdaConfig(MINIMUM)).toEqual({
      ok: true,
      config: {
        policySource: { kind: "file", path: "policy.json" },
        bucket: { name: "artifacts", region: "eu-central-1", forcePathStyle: false, keyPrefix: "" },
        expiresIn: 300,
        corsOrigins: [],
        frontDoor: "function-url",
        isEmbedded: false,
        credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
      },
    });
  });

  it("measures in embedded metrics where that is asked for, and in nothing else", () => {
    expect(parseLambdaConfig({ ...MINIMUM, S3R_METRICS: "emf" })).toMatchObject({ config: { isEmbedded: true } });
    expect(complaints({ ...MINIMUM, S3R_METRICS: "prometheus" })).toEqual(["S3R_METRICS"]);
  });

  it("signs with the session that the role has", () => {
    expect(parseLambdaConfig({ ...MINIMUM, AWS_SESSION_TOKEN: "t" })).toMatchObject({
      config: { credentials: { sessionToken: "t" } },
    });
  });

  it("reports all that is wrong at once, and guesses no front door", () => {
    expect(complaints({}).sort()).toEqual([
      "AWS_ACCESS_KEY_ID",
      "S3R_BUCKET",
      "S3R_FRONT_DOOR",
      "S3R_POLICY_FILE",
      "S3R_REGION",
    ]);
    for (const S3R_FRONT_DOOR of ["", "auto", "toString", "http_api"]) {
      expect(complaints({ ...MINIMUM, S3R_FRONT_DOOR })).toEqual(["S3R_FRONT_DOOR"]);
    }
  });

  it.each([
    ["/files", "/files"],
    ["/files/v1/", "/files/v1"],
    ["/", ""],
    ["", undefined],
    ["files", "refused"],
    ["/a//b", "refused"],
    ["/../b", "refused"],
    ["/a%20b", "refused"],
    ["/a b", "refused"],
  ])("takes %j for the base path %j", (given, expected) => {
    expect(basePathOf(given)).toBe(expected);
  });

  it("has no place for a secret in a complaint", () => {
    const result = parseLambdaConfig({ AWS_SECRET_ACCESS_KEY: "t0p-s3cret", AWS_SESSION_TOKEN: "t0p-s3cret" });
    expect(JSON.stringify(result)).not.toContain("t0p-s3cret");
  });
});
