import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketHost } from "./bucket-host.ts";
import { bucketNameProblem } from "./bucket-name.ts";

describe("bucketNameProblem", () => {
  it.each([
    "artifacts",
    "my.bucket",
    "0-9",
    "my-ap-aqfqprnstn7aefdfbarligizwgyfouse1a-s3alias",
    "arn:aws:s3:eu-central-1:123456789012:accesspoint/my-ap",
    "arn:aws-us-gov:s3:us-gov-west-1:123456789012:accesspoint:my-ap",
  ])("takes %s at Amazon", (name) => {
    expect(bucketNameProblem(name, true)).toBeUndefined();
  });

  it.each([
    ["arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap", "SigV4A"],
    ["mfzwi23gnjvgw.mrap", "SigV4A"],
    ["artifacts--use1-az4--x-s3", "directory bucket"],
    ["my-ap--use1-az4--xa-s3", "directory bucket"],
    ["arn:aws:s3express:us-east-1:123456789012:bucket/artifacts--use1-az4--x-s3", "directory bucket"],
    ["my-ap-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3", "Outposts"],
    ["arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/my-ap", "Outposts"],
    ["arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/my-ap", "Object Lambda"],
    ["my-olap-abc--ol-s3", "Object Lambda"],
    ["arn:aws:s3:::artifacts", "the bucket's name"],
    ["arn:aws:s3:eu-central-1:1234:accesspoint/my-ap", "the bucket's name"],
    ["arn:aws:s3:eu-central-1:123456789012:accesspoint/my.ap", "the bucket's name"],
    ["My_Bucket", "the bucket's name"],
    ["a..b", "the bucket's name"],
    ["", "the bucket's name"],
  ])("refuses %s at Amazon and says %s", (name, because) => {
    expect(bucketNameProblem(name, true)).toContain(because);
  });

  it("takes what other stores call their buckets, and still no multi-Region access point", () => {
    expect(bucketNameProblem("My_Bucket.x", false)).toBeUndefined();
    expect(bucketNameProblem("artifacts--x-s3", false)).toBeUndefined();
    expect(bucketNameProblem("arn:aws:s3::123456789012:accesspoint/a.mrap", false)).toContain("SigV4A");
    expect(bucketNameProblem("tenant:bucket", false)).toContain("the bucket's name");
  });

  it("takes no name that would leave its place in the address", () => {
    const atAnyRate = { region: "eu-central-1", keyPrefix: "", forcePathStyle: false };
    const name = fc.oneof(
      { weight: 4, arbitrary: fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u) },
      { weight: 2, arbitrary: fc.stringMatching(/^arn:aws:s3:[a-z0-9-]{1,9}:\d{12}:accesspoint[:/][a-z0-9-]{3,9}$/u) },
      { weight: 1, arbitrary: fc.stringMatching(/^[a-zA-Z0-9._:@/?#%-]{3,63}$/u) },
      { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 70 }) },
    );
    fc.assert(
      fc.property(name, fc.boolean(), (tried, atAmazon) => {
        fc.pre(bucketNameProblem(tried, atAmazon) === undefined);
        const endpoint = atAmazon ? {} : { endpoint: "https://s3.example.com" };
        const { host, root } = bucketHost({ ...atAnyRate, ...endpoint, name: tried });
        const url = new URL(`https://${host}${root}key`);
        expect(url.href).toBe(`https://${host}${root}key`);
        expect(url.hostname).toMatch(atAmazon ? /\.amazonaws\.com$/u : /(?:^|\.)s3\.example\.com$/u);
        expect(url.pathname.split("/").at(-1)).toBe("key");
      }),
    );
  });
});
