/** Checksums that the server must verify and keep. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
import { contract } from "./contract.ts";
import { crc32Base64, md5Base64, sha256Base64 } from "./digests.ts";
import type { Store } from "./store.ts";

const TEN = "0123456789";
const OTHER = "9876543210";

interface Checked {
  readonly status: number;
  /** Of what is there afterwards; with the checksum that a HEAD tells. */
  readonly head: number;
  readonly kept: string | undefined;
}

/** Puts ten bytes with these headers. */
async function putChecked(store: Store, ...headers: readonly string[]): Promise<Checked> {
  const key = store.key("checked");
  const { status } = await store.ask(key, { method: "PUT", body: TEN, headers });
  const head = await store.ask(key, { method: "HEAD", headers: ["x-amz-checksum-mode: ENABLED"] });
  const name = Object.keys(head.headers).find((header) => /^x-amz-checksum-(?!type)/u.test(header));
  return { status, head: head.status, kept: name === undefined ? undefined : `${name}: ${head.headers[name]}` };
}

const REFUSED = { status: 400, head: 404, kept: undefined };

const CRC32 = `x-amz-checksum-crc32: ${crc32Base64(TEN)}`;
const SHA256 = `x-amz-checksum-sha256: ${sha256Base64(TEN)}`;
const WRONG_CRC32 = `x-amz-checksum-crc32: ${crc32Base64(OTHER)}`;
const WRONG_SHA256 = `x-amz-checksum-sha256: ${sha256Base64(OTHER)}`;

contract("PutObject", "keeps a CRC32", { status: 200, head: 200, kept: CRC32 }, async (store) =>
  putChecked(store, CRC32),
);

contract("PutObject", "keeps a SHA-256", { status: 200, head: 200, kept: SHA256 }, async (store) =>
  putChecked(store, SHA256),
);

contract("PutObject", "refuses a wrong CRC32", REFUSED, async (store) => putChecked(store, WRONG_CRC32));

contract("PutObject", "refuses a wrong SHA-256", REFUSED, async (store) => putChecked(store, WRONG_SHA256));

contract(
  "PutObject",
  "keeps a CRC32 that x-amz-sdk-checksum-algorithm names, as s3r sends it",
  { status: 200, head: 200, kept: CRC32 },
  async (store) => putChecked(store, CRC32, "x-amz-sdk-checksum-algorithm: CRC32"),
);

contract("PutObject", "refuses a wrong CRC32 that x-amz-sdk-checksum-algorithm names", REFUSED, async (store) =>
  putChecked(store, WRONG_CRC32, "x-amz-sdk-checksum-algorithm: CRC32"),
);

contract("PutObject", "refuses a wrong SHA-256 that x-amz-sdk-checksum-algorithm names", REFUSED, async (store) =>
  putChecked(store, WRONG_SHA256, "x-amz-sdk-checksum-algorithm: SHA256"),
);

contract(
  "PutObject",
  "takes a right Content-MD5",
  200,
  async (store) => (await putChecked(store, `Content-MD5: ${md5Base64(TEN)}`)).status,
);

contract("PutObject", "refuses a wrong Content-MD5", REFUSED, async (store) =>
  putChecked(store, `Content-MD5: ${md5Base64(OTHER)}`),
);

contract("Presigned URL", "of a PUT refuses another checksum than the signed one", [403, 404], async (store) => {
  const key = store.key("checked");
  const url = await store.presign(key, { method: "PUT", headers: ["S3r-Content-Length: 10", WRONG_SHA256] });
  const { status } = await store.askUrl({ method: "PUT", url, body: TEN, headers: [SHA256] });
  return [status, (await store.ask(key, { method: "HEAD" })).status];
});
