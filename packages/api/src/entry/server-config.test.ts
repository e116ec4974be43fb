import { describe, expect, it } from "vitest";
import { parseServerConfig } from "./server-config.ts";

const MINIMUM = { S3R_BUCKET: "artifacts", S3R_REGION: "eu-central-1" };

/** The variables that are complained about. */
function complaints(env: Record<string, string>): string[] {
  const result = parseServerConfig(env);
  return result.ok ? [] : result.complaints.map((complaint) => complaint.split(" ")[0] ?? "");
}

describe("parseServerConfig", () => {
  it("needs no more than a bucket and a region", () => {
    expect(parseServerConfig(MINIMUM)).toEqual({
      ok: true,
      warnings: [expect.stringContaining("no policy")],
      config: {
        policySource: undefined,
        bucket: { name: "artifacts", region: "eu-central-1", forcePathStyle: false, keyPrefix: "" },
        expiresIn: 300,
        corsOrigins: [],
        port: 8787,
        host: "127.0.0.1",
      },
    });
  });

  it("reads everything", () => {
    const result = parseServerConfig({
      ...MINIMUM,
      S3R_S3_ENDPOINT: "https://s3.example.com",
      S3R_FORCE_PATH_STYLE: "false",
      S3R_KEY_PREFIX: "builds/",
      S3R_EXPIRES_IN: "60",
      S3R_CORS_ORIGINS: "https://a.example, http://localhost:5173",
      PORT: "0",
      HOST: "0.0.0.0",
      S3R_POLICY_FILE: "policy.yaml",
    });
    expect(result).toMatchObject({
      ok: true,
      warnings: [],
      config: {
        policySource: { kind: "file", path: "policy.yaml" },
        bucket: { endpoint: "https://s3.example.com", forcePathStyle: false, keyPrefix: "builds/" },
        expiresIn: 60,
        corsOrigins: ["https://a.example", "http://localhost:5173"],
        port: 0,
        host: "0.0.0.0",
      },
    });
  });

  it("takes the region of the AWS environment and the path style of other stores", () => {
    const result = parseServerConfig({
      S3R_BUCKET: "artifacts",
      S3R_REGION: "",
      AWS_REGION: "us-west-2",
      S3R_S3_ENDPOINT: "http://localhost:9000",
    });
    expect(result).toMatchObject({ ok: true, config: { bucket: { region: "us-west-2", forcePathStyle: true } } });
  });

  it("reports all that is wrong at once, each with its variable", () => {
    const env = {
      S3R_BUCKET: "No",
      S3R_S3_ENDPOINT: "https://s3.example.com/path",
      S3R_FORCE_PATH_STYLE: "maybe",
      S3R_KEY_PREFIX: "builds",
      S3R_EXPIRES_IN: "604801",
      S3R_CORS_ORIGINS: "example.com",
      PORT: "http",
      S3R_POLICY: "version: 1",
      S3R_POLICY_FILE: "policy.yaml",
    };
    const { S3R_POLICY_FILE: _file, ...wrong } = env;
    expect(complaints(env).sort()).toEqual([...Object.keys(wrong), "S3R_REGION"].sort());
  });

  it.each(["0.0.0.0", "::", "192.168.1.2", "example.com", "128.0.0.1"])(
    "lets %s be served only with a policy",
    (host) => {
      expect(complaints({ ...MINIMUM, HOST: host })).toEqual(["S3R_POLICY_FILE"]);
      expect(complaints({ ...MINIMUM, HOST: host, S3R_POLICY: "version: 1" })).toEqual([]);
    },
  );

  it.each(["127.0.0.1", "127.8.8.8", "::1", "localhost"])("takes the loopback address %s", (host) => {
    expect(complaints({ ...MINIMUM, HOST: host })).toEqual([]);
  });
});
