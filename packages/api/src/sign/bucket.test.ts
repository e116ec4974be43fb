/** Where a bucket is: the endpoint rules of the SDK's own client are the oracle, for host, path and signed region. */
import { GetObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it } from "vitest";
import type { Bucket } from "./bucket.ts";
import { createPresigner } from "./presign.ts";

const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "a+session/token=" };
const NOW = new Date("2026-11-23T06:00:00Z");
const KEY = "a b/é%2F+.txt";
const ACCESS_POINT = "arn:aws:s3:eu-central-1:123456789012:accesspoint/my-ap";

type Settings = Partial<Omit<Bucket, "keyPrefix">>;

function toBucket(settings: Settings): Bucket {
  return { name: "artifacts", region: "eu-central-1", forcePathStyle: false, keyPrefix: "", ...settings };
}

/** What decides who answers, and whether the signature holds there. */
function addressOf(url: string): { at: string; scope: string | null; token: string | null } {
  const { origin, pathname, searchParams } = new URL(url);
  return {
    at: origin + pathname,
    scope: searchParams.get("X-Amz-Credential"),
    token: searchParams.get("X-Amz-Security-Token"),
  };
}

async function ours(settings: Settings): Promise<string> {
  const presign = createPresigner({
    bucket: toBucket(settings),
    credentials: () => Promise.resolve(CREDENTIALS),
    now: () => NOW,
  });
  return (await presign({ name: "GetObject", key: KEY, query: {} }, {}, 300)).url;
}

async function theirs(settings: Settings): Promise<string> {
  const { name, region, endpoint, forcePathStyle, dualStack, accelerate, fips } = toBucket(settings);
  const config: S3ClientConfig = {
    region,
    credentials: CREDENTIALS,
    forcePathStyle,
    useDualstackEndpoint: dualStack ?? false,
    useAccelerateEndpoint: accelerate ?? false,
    useFipsEndpoint: fips ?? false,
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  const command = new GetObjectCommand({ Bucket: name, Key: KEY });
  return await getSignedUrl(new S3Client(config), command, { expiresIn: 300, signingDate: NOW });
}

const PATH = "/a%20b/%C3%A9%252F%2B.txt";

interface Row {
  readonly name: string;
  readonly settings: Settings;
  readonly at: string;
}

const AMAZON: readonly Row[] = [
  { name: "a region", settings: {}, at: "https://artifacts.s3.eu-central-1.amazonaws.com" },
  { name: "us-east-1", settings: { region: "us-east-1" }, at: "https://artifacts.s3.us-east-1.amazonaws.com" },
  { name: "GovCloud", settings: { region: "us-gov-west-1" }, at: "https://artifacts.s3.us-gov-west-1.amazonaws.com" },
  { name: "China", settings: { region: "cn-north-1" }, at: "https://artifacts.s3.cn-north-1.amazonaws.com.cn" },
  { name: "aws-iso", settings: { region: "us-iso-east-1" }, at: "https://artifacts.s3.us-iso-east-1.c2s.ic.gov" },
  {
    name: "aws-iso-b",
    settings: { region: "us-isob-east-1" },
    at: "https://artifacts.s3.us-isob-east-1.sc2s.sgov.gov",
  },
  {
    name: "aws-iso-e",
    settings: { region: "eu-isoe-west-1" },
    at: "https://artifacts.s3.eu-isoe-west-1.cloud.adc-e.uk",
  },
  {
    name: "aws-iso-f",
    settings: { region: "us-isof-south-1" },
    at: "https://artifacts.s3.us-isof-south-1.csp.hci.ic.gov",
  },
  {
    name: "the European Sovereign Cloud",
    settings: { region: "eusc-de-east-1" },
    at: "https://artifacts.s3.eusc-de-east-1.amazonaws.eu",
  },
  { name: "a region of tomorrow", settings: { region: "xx-new-9" }, at: "https://artifacts.s3.xx-new-9.amazonaws.com" },
  {
    name: "a bucket with a dot",
    settings: { name: "my.bucket" },
    at: "https://s3.eu-central-1.amazonaws.com/my.bucket",
  },
  {
    name: "path style",
    settings: { forcePathStyle: true },
    at: "https://s3.eu-central-1.amazonaws.com/artifacts",
  },
];

const VARIANTS: readonly Row[] = [
  {
    name: "dual-stack",
    settings: { dualStack: true },
    at: "https://artifacts.s3.dualstack.eu-central-1.amazonaws.com",
  },
  {
    name: "dual-stack, China",
    settings: { dualStack: true, region: "cn-northwest-1" },
    at: "https://artifacts.s3.dualstack.cn-northwest-1.amazonaws.com.cn",
  },
  {
    name: "dual-stack and a dot",
    settings: { dualStack: true, name: "my.bucket" },
    at: "https://s3.dualstack.eu-central-1.amazonaws.com/my.bucket",
  },
  {
    name: "dual-stack, path style",
    settings: { dualStack: true, forcePathStyle: true },
    at: "https://s3.dualstack.eu-central-1.amazonaws.com/artifacts",
  },
  { name: "acceleration", settings: { accelerate: true }, at: "https://artifacts.s3-accelerate.amazonaws.com" },
  {
    name: "acceleration and dual-stack",
    settings: { accelerate: true, dualStack: true },
    at: "https://artifacts.s3-accelerate.dualstack.amazonaws.com",
  },
  {
    name: "FIPS",
    settings: { fips: true, region: "us-gov-east-1" },
    at: "https://artifacts.s3-fips.us-gov-east-1.amazonaws.com",
  },
  {
    name: "FIPS and dual-stack",
    settings: { fips: true, dualStack: true, region: "us-west-2" },
    at: "https://artifacts.s3-fips.dualstack.us-west-2.amazonaws.com",
  },
  {
    name: "FIPS, path style",
    settings: { fips: true, forcePathStyle: true, region: "us-west-2" },
    at: "https://s3-fips.us-west-2.amazonaws.com/artifacts",
  },
];

const ACCESS_POINTS: readonly Row[] = [
  {
    name: "an access point",
    settings: { name: ACCESS_POINT },
    at: "https://my-ap-123456789012.s3-accesspoint.eu-central-1.amazonaws.com",
  },
  {
    name: "an ARN with a colon",
    settings: { name: "arn:aws:s3:eu-central-1:123456789012:accesspoint:my-ap" },
    at: "https://my-ap-123456789012.s3-accesspoint.eu-central-1.amazonaws.com",
  },
  {
    name: "an access point in China",
    settings: { name: "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/my-ap", region: "cn-north-1" },
    at: "https://my-ap-123456789012.s3-accesspoint.cn-north-1.amazonaws.com.cn",
  },
  {
    name: "an access point, dual-stack",
    settings: { name: ACCESS_POINT, dualStack: true },
    at: "https://my-ap-123456789012.s3-accesspoint.dualstack.eu-central-1.amazonaws.com",
  },
  {
    name: "an access point, FIPS and dual-stack",
    settings: { name: ACCESS_POINT, fips: true, dualStack: true },
    at: "https://my-ap-123456789012.s3-accesspoint-fips.dualstack.eu-central-1.amazonaws.com",
  },
  {
    name: "an access point through PrivateLink",
    settings: { name: ACCESS_POINT, endpoint: "https://accesspoint.vpce-1a2b.s3.eu-central-1.vpce.amazonaws.com" },
    at: "https://my-ap-123456789012.accesspoint.vpce-1a2b.s3.eu-central-1.vpce.amazonaws.com",
  },
  {
    name: "an alias",
    settings: { name: "my-ap-aqfqprnstn7aefdfbarligizwgyfouse1a-s3alias" },
    at: "https://my-ap-aqfqprnstn7aefdfbarligizwgyfouse1a-s3alias.s3.eu-central-1.amazonaws.com",
  },
];

const OTHERS: readonly Row[] = [
  {
    name: "a port",
    settings: { endpoint: "http://localhost:9000", forcePathStyle: true },
    at: "http://localhost:9000/artifacts",
  },
  {
    name: "a host name for each bucket, and a port",
    settings: { endpoint: "https://s3.example.com:8443" },
    at: "https://artifacts.s3.example.com:8443",
  },
  {
    name: "the protocol's own port",
    settings: { endpoint: "https://s3.example.com:443/" },
    at: "https://artifacts.s3.example.com",
  },
  {
    name: "an IPv4 address",
    settings: { endpoint: "http://127.0.0.1:9000" },
    at: "http://127.0.0.1:9000/artifacts",
  },
  { name: "an IPv6 address", settings: { endpoint: "http://[::1]:9000" }, at: "http://[::1]:9000/artifacts" },
  {
    name: "a dot, with TLS",
    settings: { endpoint: "https://s3.example.com", name: "my.bucket" },
    at: "https://s3.example.com/my.bucket",
  },
  {
    name: "a dot, without TLS",
    settings: { endpoint: "http://s3.example.com", name: "my.bucket" },
    at: "http://s3.example.com/my.bucket",
  },
  {
    name: "a name that Amazon would not give",
    settings: { endpoint: "https://s3.example.com", name: "My_Bucket" },
    at: "https://s3.example.com/My_Bucket",
  },
  {
    name: "the region auto",
    settings: { endpoint: "https://account.r2.cloudflarestorage.com", region: "auto" },
    at: "https://artifacts.account.r2.cloudflarestorage.com",
  },
];

describe("createBucketAddressing", () => {
  it.each([...AMAZON, ...VARIANTS, ...ACCESS_POINTS, ...OTHERS])(
    "addresses $name as the SDK does, and signs for the region and with the token",
    async ({ settings, at }) => {
      const { region } = toBucket(settings);
      const signed = addressOf(await ours(settings));
      expect(signed).toEqual({
        at: at + PATH,
        scope: `AKIDEXAMPLE/20261123/${region}/s3/aws4_request`,
        token: CREDENTIALS.sessionToken,
      });
      expect(signed).toEqual(addressOf(await theirs(settings)));
    },
  );
});
