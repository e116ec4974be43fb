/** `template.yaml` against the code that it deploys: the role, the environment, the front doors. */
import { readFileSync } from "node:fs";
import { CHECKSUM_LIST, OPERATION_LIST } from "@s3r/shared";
import { describe, expect, it } from "vitest";
import { FRONT_DOORS } from "./adapters/front-doors/front-doors.ts";
import { parseLambdaConfig } from "./entry/lambda-config.ts";
import { createIamPolicy } from "./sign/iam-policy.ts";
import { evaluateResources, parseTemplate, type Json, type Parameters } from "./testing/evaluate-template.ts";

const TEXT = readFileSync(new URL("../template.yaml", import.meta.url), "utf8");
const template = parseTemplate(TEXT);
const ATTRIBUTES = { Bucket: "artifacts", "Bucket.Arn": "arn:aws:s3:::artifacts", "FunctionLogs.Arn": "arn:logs" };

function resources(given: Parameters = {}): Readonly<Record<string, Json>> {
  return evaluateResources(template, given, ATTRIBUTES);
}

function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (found, step) =>
      typeof found === "object" && found !== null
        ? Object.entries(found).find(([name]) => name === String(step))?.[1]
        : undefined,
    value,
  );
}

function environment(given: Parameters): Record<string, string> {
  const variables = at(resources(given)["Function"], "Environment", "Variables");
  return Object.fromEntries(Object.entries(variables ?? {}).map(([name, value]) => [name, String(value)]));
}

describe("the signing role", () => {
  const everyAction = new Set(OPERATION_LIST.map(({ action }) => action));

  it.each(["", "builds/", "team-a/files/"])(
    "may do what the operation table needs, and no more, with the key prefix %j",
    (keyPrefix) => {
      const expected = createIamPolicy({ name: "artifacts", region: "eu-central-1", keyPrefix }, everyAction);
      const policies = at(resources({ KeyPrefix: keyPrefix })["SigningRole"], "Policies");
      expect(at(policies, 0, "PolicyDocument")).toEqual(expected);
      expect(at(policies, 1, "PolicyDocument", "Statement")).toEqual([
        { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "arn:logs" },
      ]);
      expect(at(policies, 2)).toBeUndefined();
    },
  );

  it("is the function's, and nobody else's", () => {
    const { Function: lambda, SigningRole: role } = resources();
    expect(at(lambda, "Role")).toBe("<SigningRole.Arn>");
    expect(JSON.stringify(at(role, "AssumeRolePolicyDocument"))).toContain('"Service":"lambda.amazonaws.com"');
    expect(at(role, "ManagedPolicyArns")).toBeUndefined();
  });
});

describe("the function", () => {
  it.each(["function-url", "rest-api"])("has an environment that it takes, behind the front door %s", (frontDoor) => {
    const parsed = parseLambdaConfig({
      ...environment({
        FrontDoor: frontDoor,
        KeyPrefix: "builds/",
        ExpiresIn: 120,
        CorsOrigins: "https://app.example",
        Metrics: "emf",
      }),
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "s",
    });
    expect(parsed).toMatchObject({
      ok: true,
      config: {
        frontDoor,
        bucket: { name: "artifacts", keyPrefix: "builds/" },
        expiresIn: 120,
        corsOrigins: ["https://app.example"],
        isEmbedded: true,
        policySource: { kind: "file", path: "policy.json" },
      },
    });
    expect(Object.keys(FRONT_DOORS)).toContain(frontDoor);
  });

  it("runs what `build` makes", () => {
    expect(resources()["Function"]).toMatchObject({
      CodeUri: "../../dist/lambda",
      Handler: "index.handler",
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      LoggingConfig: { LogFormat: "JSON" },
    });
    expect(at(resources()["FunctionLogs"], "RetentionInDays")).toBe(30);
  });
});

describe("the bucket", () => {
  const { Bucket: bucket } = resources();

  it("is private, encrypted, its owner's alone, and reached by TLS only", () => {
    expect(Object.values(at(bucket, "PublicAccessBlockConfiguration") ?? {})).toEqual([true, true, true, true]);
    expect(at(bucket, "OwnershipControls", "Rules", 0, "ObjectOwnership")).toBe("BucketOwnerEnforced");
    expect(JSON.stringify(at(bucket, "BucketEncryption"))).toContain("AES256");
    expect(at(resources()["BucketPolicy"], "PolicyDocument", "Statement")).toEqual([
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: ["arn:aws:s3:::artifacts", "arn:aws:s3:::artifacts/*"],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("outlives the stack, and keeps versions where that is asked for", () => {
    expect(TEXT).toMatch(
      /Type: AWS::S3::Bucket\n {4}DeletionPolicy: RetainExceptOnCreate\n {4}UpdateReplacePolicy: Retain/u,
    );
    expect(at(bucket, "VersioningConfiguration", "Status")).toBe("Suspended");
    const versioned = resources({ BucketVersioning: "Enabled" })["Bucket"];
    expect(at(versioned, "VersioningConfiguration", "Status")).toBe("Enabled");
  });

  it("forgets uploads that were never completed", () => {
    expect(at(bucket, "LifecycleConfiguration", "Rules", 0, "AbortIncompleteMultipartUpload")).toEqual({
      DaysAfterInitiation: 7,
    });
  });

  it("lets pages of any origin do what is signed, and read what they need", () => {
    const rule = at(bucket, "CorsConfiguration", "CorsRules", 0);
    expect(rule).toMatchObject({ AllowedOrigins: ["*"], AllowedHeaders: ["*"] });
    const methods = at(rule, "AllowedMethods");
    expect(new Set(Object.values(methods ?? {}))).toEqual(new Set(OPERATION_LIST.map(({ method }) => method)));
    const exposed = Object.values(at(rule, "ExposedHeaders") ?? {});
    expect(exposed).toEqual(expect.arrayContaining(["ETag", ...CHECKSUM_LIST.map(({ header }) => header)]));
  });
});

const GATEWAY = /ApiGateway|Serverless::Api|Route53/u;

/** The names of the resources that are of such a type. */
function namesOf(type: RegExp, given: Parameters): readonly string[] {
  return Object.keys(resources(given)).filter((name) => type.test(template.Resources[name]?.Type ?? ""));
}

describe("the front door", () => {
  it("is a function URL by default, which anyone may call, and nothing that costs", () => {
    expect(namesOf(GATEWAY, {})).toEqual([]);
    expect(namesOf(/Lambda::(?:Url|Permission)/u, {})).toHaveLength(3);
    expect(resources()["FunctionUrlInvokePermission"]).toMatchObject({
      Action: "lambda:InvokeFunction",
      InvokedViaFunctionUrl: true,
    });
  });

  it("is a REST API where that is asked for, throttled, with a log that has no secrets", () => {
    const rest = resources({ FrontDoor: "rest-api", ThrottleRate: 7, ThrottleBurst: 9 });
    expect(namesOf(GATEWAY, { FrontDoor: "rest-api" })).toEqual(["RestApi", "ApiGatewayAccount"]);
    expect(namesOf(/Lambda::Url/u, { FrontDoor: "rest-api" })).toEqual([]);
    expect(at(rest["RestApi"], "BinaryMediaTypes")).toEqual(["*~1*"]);
    expect(at(rest["RestApi"], "MethodSettings", 0)).toMatchObject({ ThrottlingRateLimit: 7, ThrottlingBurstLimit: 9 });
    expect(Object.keys(at(rest["RestApi"], "DefinitionBody", "paths") ?? {})).toEqual(["/", "/{proxy+}"]);
    const format = at(rest["RestApi"], "AccessLogSetting", "Format");
    expect(format).toMatch(/^\{.*"status":"\$context\.status".*\}$/u);
    expect(format).not.toMatch(/querystring|header|authorizer/iu);
  });

  it("has a domain where one is named, mapped at its root, and a record where a zone is", () => {
    const given = {
      FrontDoor: "rest-api",
      DomainName: "files.example.com",
      CertificateArn: "arn",
      AccountLoggingRole: "keep",
    };
    expect(namesOf(GATEWAY, given)).toEqual(["RestApi", "Domain", "DomainMapping"]);
    expect(resources(given)["DomainMapping"]).not.toHaveProperty("BasePath");
    expect(namesOf(GATEWAY, { ...given, HostedZoneId: "Z1" })).toContain("DomainRecord");
    expect(namesOf(GATEWAY, { ...given, FrontDoor: "function-url" })).toEqual([]);
  });
});

describe("the parameters", () => {
  it.each(["", "builds/", "a/b.c/"])("allow the key prefix %j, which the function takes too", (prefix) => {
    expect(prefix).toMatch(new RegExp(template.Parameters["KeyPrefix"]?.AllowedPattern ?? "$^", "u"));
  });

  it.each(["builds", "/a/", "../", "a*/", "a b/", "./"])("refuse the key prefix %j", (prefix) => {
    expect(prefix).not.toMatch(new RegExp(template.Parameters["KeyPrefix"]?.AllowedPattern ?? "", "u"));
  });
});

it("gives the address that clients use, without a slash at its end", () => {
  expect(Object.keys(template.Outputs)).toContain("S3rEndpoint");
  expect(TEXT).not.toMatch(/https:\/\/\$\{[^\n]*\/$/mu);
});
