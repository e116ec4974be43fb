import { BlockList } from "node:net";
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
        maxConnections: 10_000,
        shutdownDelay: 0,
        trustProxy: undefined,
        metrics: { isEmbedded: false },
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
      S3R_MAX_CONNECTIONS: "500",
      S3R_SHUTDOWN_DELAY: "15",
      S3R_TRUST_PROXY: "2",
      S3R_METRICS: "emf",
      S3R_METRICS_PORT: "9090",
      S3R_METRICS_HOST: "0.0.0.0",
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
        maxConnections: 500,
        shutdownDelay: 15,
        trustProxy: { hops: 2 },
        metrics: { isEmbedded: true, scrape: { host: "0.0.0.0", port: 9090 } },
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
      S3R_MAX_CONNECTIONS: "0",
      S3R_SHUTDOWN_DELAY: "-1",
      S3R_TRUST_PROXY: "proxy.example.com",
      S3R_METRICS: "statsd",
      S3R_METRICS_PORT: "metrics",
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

  it.each<[string, object]>([
    ["0.0.0.0:3000", { host: "0.0.0.0", port: 3000 }],
    ["127.0.0.1:80", { host: "127.0.0.1", port: 80 }],
    ["localhost:8080", { host: "localhost", port: 8080 }],
    ["[::]:3000", { host: "::", port: 3000 }],
  ])("listens where a Lambda web function must: %s, whatever PORT says", (endpoint, expected) => {
    const env = { ...MINIMUM, S3R_POLICY: "version: 1", PORT: "1", HOST: "::1", AWS_LAMBDA_HTTP_ENDPOINT: endpoint };
    expect(parseServerConfig(env)).toMatchObject({ ok: true, config: expected });
  });

  it.each(["3000", ":3000", "0.0.0.0", "0.0.0.0:0", "0.0.0.0:65536", "http://0.0.0.0:x"])(
    "does not take %s for the endpoint of a web function",
    (endpoint) => {
      const env = { ...MINIMUM, S3R_POLICY: "version: 1", AWS_LAMBDA_HTTP_ENDPOINT: endpoint };
      expect(complaints(env)).toEqual(["AWS_LAMBDA_HTTP_ENDPOINT"]);
    },
  );

  it("wants a policy of a web function, which is never on this machine only", () => {
    expect(complaints({ ...MINIMUM, AWS_LAMBDA_HTTP_ENDPOINT: "0.0.0.0:3000" })).toEqual(["S3R_POLICY_FILE"]);
  });

  it.each(["10.0.0.0/8", "10.1.2.3", "2001:db8::/32, ::1", "0.0.0.0/0,10.0.0.1/32"])(
    "trusts proxies at %s",
    (range) => {
      expect(parseServerConfig({ ...MINIMUM, S3R_TRUST_PROXY: range })).toMatchObject({
        ok: true,
        config: { trustProxy: { ranges: expect.any(BlockList) } },
      });
    },
  );

  it("trusts none where the number is 0", () => {
    expect(parseServerConfig({ ...MINIMUM, S3R_TRUST_PROXY: "0" })).toMatchObject({
      config: { trustProxy: undefined },
    });
  });

  it.each(["11", "true", "*", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.0/8/8", "10.0.0.0/8,", "10.0.0.0/ 8"])(
    "does not trust proxies at %s",
    (range) => {
      expect(complaints({ ...MINIMUM, S3R_TRUST_PROXY: range })).toEqual(["S3R_TRUST_PROXY"]);
    },
  );
});
