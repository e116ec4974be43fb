/**
 * Signatures per second on one core: the API's whole path from a Request to its 307, and its signer
 * alone, beside `getSignedUrl` of the SDK. All in one process, in turns, so that a noisy machine
 * disturbs them alike; the ratios count.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { createApp } from "@s3r/api";

const TARGET_RATIO = 3;
const ROUNDS = 9;
const MILLISECONDS_A_TURN = 400;

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const region = "eu-central-1";

const app = createApp({
  bucket: { name: "artifacts", region, forcePathStyle: false, keyPrefix: "" },
  credentials: () => Promise.resolve(credentials),
  expiresIn: 300,
  corsOrigins: [],
  now: () => new Date(),
  onError: (error) => {
    throw error;
  },
});
const client = new S3Client({ region, credentials, requestChecksumCalculation: "WHEN_REQUIRED" });

const HEADERS = {
  "content-length": "1048576",
  "content-type": "application/gzip",
  accept: "*/*",
  "user-agent": "curl/8.14.1",
};

async function signByApi(number: number): Promise<void> {
  const target = `/builds/${number}/artifact.tar.gz`;
  const response = await app(new Request("http://s3r.invalid/", { method: "PUT", headers: HEADERS }), target);
  if (response.status !== 307) throw new Error(`the API answered ${response.status}`);
}

async function signBySdk(number: number): Promise<void> {
  const Key = `builds/${number}/artifact.tar.gz`;
  const command = new PutObjectCommand({
    Bucket: "artifacts",
    Key,
    ContentLength: 1_048_576,
    ContentType: "application/gzip",
  });
  await getSignedUrl(client, command, { expiresIn: 300, signableHeaders: new Set(["content-type"]) });
}

/** How many a second, one after another, over one turn. */
async function rate(sign: (number: number) => Promise<void>): Promise<number> {
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < MILLISECONDS_A_TURN) {
    for (let batch = 0; batch < 50; batch += 1) await sign((count += 1));
  }
  return (count * 1000) / (performance.now() - started);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
await rate(signByApi);
await rate(signBySdk);
const rounds: { api: number; sdk: number }[] = [];
for (let round = 0; round < ROUNDS; round += 1) rounds.push({ api: await rate(signByApi), sdk: await rate(signBySdk) });

const api = Math.round(median(rounds.map((round) => round.api)));
const sdk = Math.round(median(rounds.map((round) => round.sdk)));
const ratio = Number(median(rounds.map((round) => round.api / round.sdk)).toFixed(2));
const machine = `${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;

process.stdout.write(
  values.json
    ? `${JSON.stringify({ api, sdk, ratio, target: TARGET_RATIO, machine })}\n`
    : `signatures per second on one core, medians of ${ROUNDS} rounds (${machine})

  the API, Request to 307       ${String(api).padStart(7)}
  getSignedUrl of the SDK       ${String(sdk).padStart(7)}

  ratio ${ratio} (target: at least ${TARGET_RATIO})\n`,
);
process.exitCode = ratio >= TARGET_RATIO ? 0 : 1;
