/**
 * What a client waits for when the function is started for it: from the import of the bundle to its first signature,
 * beside a handler that uses the SDK's `getSignedUrl`: bundled as bundlers do by default, and with the settings of our
 * own bundle. Fresh processes, in turns. Other work on the machine only ever adds to so short a time, so the lower
 * quartile is taken; ratios count.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundle } from "@s3r/build/bundle";
import { bundleLambda } from "@s3r/build/bundles";

const TARGET_RATIO = 3;
const CONTENDERS = ["s3r", "sdk", "sdkSlim"] as const;
type Contender = (typeof CONTENDERS)[number];

const RIVAL = fileURLToPath(new URL("get-signed-url-handler.ts", import.meta.url));

/** Of a function URL. */
const EVENT = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/builds/1/artifact.tar.gz",
  rawQueryString: "",
  headers: { accept: "*/*", host: "abc.lambda-url.eu-central-1.on.aws", "user-agent": "curl/8.14.1" },
  requestContext: {
    domainName: "abc.lambda-url.eu-central-1.on.aws",
    http: { method: "GET", path: "/builds/1/artifact.tar.gz" },
  },
  isBase64Encoded: false,
};

/** A text, since a TypeScript file would have its types stripped first, by a compiler that goes on in the background. */
const FIRST_SIGNATURE = `
  const [, file, event] = process.argv;
  const started = performance.now();
  const { handler } = await import(file);
  const imported = performance.now();
  const { statusCode } = await handler(JSON.parse(event));
  const signed = performance.now();
  if (statusCode !== 307) throw new Error("the handler answered " + statusCode);
  // Not on stdout, where the handler logs.
  process.stderr.write(JSON.stringify({ import: imported - started, sign: signed - imported, total: signed - started }));
`;

/** As Lambda and `packages/api/template.yaml` set it. */
const ENVIRONMENT = {
  S3R_FRONT_DOOR: "function-url",
  S3R_BUCKET: "artifacts",
  S3R_POLICY: '{"version":1,"statements":[{"principals":"anonymous","actions":"read","keys":"**"}]}',
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  AWS_SESSION_TOKEN: "t".repeat(1000),
};

/** Milliseconds. */
interface Start {
  readonly import: number;
  readonly sign: number;
  readonly total: number;
}

async function measureStart(file: string): Promise<Start> {
  const args = ["--input-type=module", "--eval", FIRST_SIGNATURE, pathToFileURL(file).href, JSON.stringify(EVENT)];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: ENVIRONMENT,
  });
  child.stdout.resume();
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code]: unknown[] = await once(child, "close");
  if (code !== 0) throw new Error(`${file} did not start: ${said}`);
  const start: Start = JSON.parse(said);
  return start;
}

type Starts = Readonly<Record<Contender, readonly Start[]>>;

async function measureRounds(files: Readonly<Record<Contender, string>>, rounds: number): Promise<Starts> {
  const starts: Record<Contender, Start[]> = { s3r: [], sdk: [], sdkSlim: [] };
  for (const name of CONTENDERS) await measureStart(files[name]);
  for (let round = 0; round < rounds; round += 1) {
    for (const name of CONTENDERS) starts[name].push(await measureStart(files[name]));
  }
  return starts;
}

interface Measured extends Start {
  readonly bytes: number;
}

function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 4)] ?? Number.NaN;
}

function summarise(bytes: number, starts: readonly Start[]): Measured {
  const quartileOf = (what: keyof Start): number =>
    Number(lowerQuartile(starts.map((start) => start[what])).toFixed(1));
  return { bytes, import: quartileOf("import"), sign: quartileOf("sign"), total: quartileOf("total") };
}

function formatRow(name: string, measured: Measured): string {
  const times = [measured.import, measured.sign, measured.total].map((time) => time.toFixed(1).padStart(8));
  return `  ${name.padEnd(36)} ${(measured.bytes / 1000).toFixed(1).padStart(7)} ${times.join(" ")}\n`;
}

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "20" } },
});
const machine = `${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;

function ratioOf(rival: Measured, own: Measured): number {
  return Number((rival.total / own.total).toFixed(2));
}

async function measureAll(directory: string) {
  const files = {
    s3r: join(directory, "s3r.mjs"),
    sdk: join(directory, "sdk.mjs"),
    sdkSlim: join(directory, "slim.mjs"),
  };
  const [own, rival, slim] = [
    await bundleLambda(files.s3r),
    await bundle(RIVAL, files.sdk, { prefersModules: false }),
    await bundle(RIVAL, files.sdkSlim),
  ];
  const starts = await measureRounds(files, Number(values.rounds));
  const s3r = summarise(own.size, starts.s3r);
  const sdk = summarise(rival.size, starts.sdk);
  const sdkSlim = summarise(slim.size, starts.sdkSlim);
  return { s3r, sdk, sdkSlim, ratio: ratioOf(sdk, s3r), ratioSlim: ratioOf(sdkSlim, s3r) };
}

function format({ s3r, sdk, sdkSlim, ratio, ratioSlim }: Awaited<ReturnType<typeof measureAll>>): string {
  return `milliseconds, lower quartiles of ${values.rounds} fresh processes each (${machine})

  ${"".padEnd(36)} ${"kB".padStart(7)}   import     sign    total
${formatRow("s3r", s3r)}${formatRow("getSignedUrl", sdk)}${formatRow("getSignedUrl, bundled as s3r is", sdkSlim)}
${ratio} times as fast, target: at least ${TARGET_RATIO}; ${ratioSlim} times the one that is bundled as s3r is
`;
}

const directory = await mkdtemp(join(tmpdir(), "s3r-cold-"));
try {
  const measured = await measureAll(directory);
  const result = { ...measured, target: TARGET_RATIO, machine };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : format(measured));
  process.exitCode = measured.ratio >= TARGET_RATIO ? 0 : 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
