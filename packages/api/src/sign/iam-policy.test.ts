import { OPERATION_LIST, type Action } from "@s3r/shared";
import { describe, expect, it } from "vitest";
import { createIamPolicy } from "./iam-policy.ts";

const BUCKET = { name: "artifacts", region: "eu-central-1", keyPrefix: "builds/" };

function granted(actions: readonly Action[]): readonly string[] {
  return createIamPolicy(BUCKET, new Set(actions))
    .Statement.flatMap(({ Action: names }) => names)
    .sort();
}

describe("createIamPolicy", () => {
  it.each<[readonly Action[], readonly string[]]>([
    [[], []],
    [["read"], ["s3:GetObject", "s3:GetObjectVersion"]],
    [["write"], ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"]],
    [["delete"], ["s3:DeleteObject"]],
    [["list"], ["s3:ListBucket"]],
  ])("grants for %j what it takes and no more", (actions, permissions) => {
    expect(granted(actions)).toEqual(permissions);
  });

  it("grants what every operation of the table needs, and nothing that none needs", () => {
    const all = granted(OPERATION_LIST.map(({ action }) => action));
    expect(all).toEqual([...new Set(OPERATION_LIST.flatMap(({ permissions }) => permissions))].sort());
  });

  it("reaches the key prefix alone", () => {
    expect(createIamPolicy(BUCKET, new Set(["read", "list"]))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Objects",
          Effect: "Allow",
          Action: ["s3:GetObject", "s3:GetObjectVersion"],
          Resource: "arn:aws:s3:::artifacts/builds/*",
        },
        {
          Sid: "Listings",
          Effect: "Allow",
          Action: ["s3:ListBucket"],
          Resource: "arn:aws:s3:::artifacts",
          Condition: { StringLike: { "s3:prefix": "builds/*" } },
        },
      ],
    });
  });

  it("takes a key prefix for text and knows the partitions", () => {
    const [statement] = createIamPolicy(
      { ...BUCKET, region: "cn-north-1", keyPrefix: "a*${b}/" },
      new Set(["read"]),
    ).Statement;
    expect(statement?.Resource).toBe("arn:aws-cn:s3:::artifacts/a${*}${$}{b}/*");
  });
});
