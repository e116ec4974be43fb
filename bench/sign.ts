/**
 * Requests per second: the API's whole path from a Request to its 307, for who is anonymous and for a CI job whose
 * JWT is verified and whose request 100 statements are asked about, beside `getSignedUrl` of the SDK, which signs
 * and does nothing else. All in one process, in turns, so that a noisy machine disturbs them alike; the ratios
 * count. Pinned to one core (`taskset -c 0`) it says what a core can do: signatures of JWTs are verified on other threads.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { createApp, createAuthenticate, parsePolicy, type App } from "@s3r/api";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** Of anonymous requests to `getSignedUrl`. */
const TARGET_RATIO = 3;
/** Of authenticated requests, a second. */
const TARGET_RATE = 5000;
const ROUNDS = 9;
const MILLISECONDS_A_TURN = 400;
const REQUESTS_IN_FLIGHT = 8;

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const region = "eu-central-1";

const OPEN_POLICY = "{version: 1, statements: [{principals: anonymous, actions: write, keys: '**'}]}";

const ISSUER = "https://token.actions.githubusercontent.com";
const AUDIENCE = "https://files.example.com";

/** 99 repositories that are not ours, and ours at the end. */
function statementFor(repository: number): string {
  return `
  - id: repository-${repository}
    principals: ci
    claims: { repository_id: ${repository}, repository_owner_id: 9919, ref: [refs/heads/main, refs/tags/v*] }
    actions: [read, write]
    keys: ["builds/\${claims.repository}/**", "caches/\${claims.repository_id}/*/**"]
    limits: { maxBytes: 1GiB, expiresIn: 120 }`;
}

const LARGE_POLICY = `
version: 1
audience: ${AUDIENCE}
issuers: [{ name: ci, issuer: "${ISSUER}" }]
statements: ${Array.from({ length: 100 }, (_, index) => statementFor(index + 1)).join("")}
`;

function now(): Date {
  return new Date();
}

function openApp(policyText: string, fetchKeys: typeof fetch): App {
  const parsed = parsePolicy(policyText, "policy");
  if (!parsed.ok) throw new Error(parsed.complaints.join("\n"));
  return createApp({
    bucket: { name: "artifacts", region, forcePathStyle: false, keyPrefix: "" },
    credentials: () => Promise.resolve(credentials),
    policy: parsed.policy,
    authenticate: createAuthenticate({ config: parsed.policy.auth, now, fetch: fetchKeys }),
    expiresIn: 300,
    corsOrigins: [],
    now,
    onError: (error) => {
      throw error;
    },
    // As the server does it, but for the writing.
    onAccess: (entry) => void JSON.stringify(entry),
  });
}

const { publicKey, privateKey } = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: "bench", alg: "RS256", use: "sig" };

async function createToken(jti: string): Promise<string> {
  return await new SignJWT({
    repository: "octo/app",
    repository_id: "100",
    repository_owner_id: "9919",
    ref: "refs/heads/main",
    event_name: "push",
    jti,
  })
    .setProtectedHeader({ alg: "RS256", kid: "bench", typ: "JWT" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject("repo:octo/app:ref:refs/heads/main")
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(privateKey);
}

const token = await createToken("the job's");
/** More than the API remembers, so that each is new to it whenever its turn comes. */
const newTokens = await Promise.all(Array.from({ length: 1500 }, (_, index) => createToken(String(index))));

/** The issuer without a network, which is asked once. */
const issuer: typeof fetch = async (input) => {
  const url = input instanceof Request ? input.url : String(input);
  return Response.json(
    url.endsWith("/.well-known/openid-configuration")
      ? { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` }
      : { keys: [jwk] },
  );
};

const open = openApp(OPEN_POLICY, fetch);
const guarded = openApp(LARGE_POLICY, issuer);
const client = new S3Client({ region, credentials, requestChecksumCalculation: "WHEN_REQUIRED" });

const HEADERS = {
  "content-length": "1048576",
  "content-type": "application/gzip",
  accept: "*/*",
  "user-agent": "curl/8.14.1",
};

async function signBy(app: App, target: string, headers: Readonly<Record<string, string>>): Promise<void> {
  const response = await app(new Request("http://s3r.invalid/", { method: "PUT", headers }), target);
  if (response.status !== 307) throw new Error(`the API answered ${response.status}: ${await response.text()}`);
}

const signAnonymously = async (number: number): Promise<void> =>
  await signBy(open, `/builds/${number}/artifact.tar.gz`, HEADERS);

async function signWithToken(number: number, jwt: string): Promise<void> {
  await signBy(guarded, `/builds/octo/app/${number}.tgz`, { ...HEADERS, authorization: `Bearer ${jwt}` });
}

const signForJob = async (number: number): Promise<void> => await signWithToken(number, token);
let turn = 0;
const signForNewJob = async (number: number): Promise<void> =>
  await signWithToken(number, newTokens[(turn += 1) % newTokens.length] ?? token);

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

/** How many a second over one turn, several at a time as a server has them. */
async function rate(sign: (number: number) => Promise<void>): Promise<number> {
  const started = performance.now();
  let count = 0;
  const ask = async (): Promise<void> => {
    while (performance.now() - started < MILLISECONDS_A_TURN) await sign((count += 1));
  };
  await Promise.all(Array.from({ length: REQUESTS_IN_FLIGHT }, ask));
  return (count * 1000) / (performance.now() - started);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const CONTENDERS = { anonymous: signAnonymously, job: signForJob, newJob: signForNewJob, sdk: signBySdk };
type Rates = Record<keyof typeof CONTENDERS, number>;

async function measureRound(): Promise<Rates> {
  const { anonymous, job, newJob, sdk } = CONTENDERS;
  return { anonymous: await rate(anonymous), job: await rate(job), newJob: await rate(newJob), sdk: await rate(sdk) };
}

await measureRound();
const rounds: Rates[] = [];
for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measureRound());

const medianOf = (name: keyof Rates): number => Math.round(median(rounds.map((round) => round[name])));
const ratioOf = (name: keyof Rates): number =>
  Number(median(rounds.map((round) => round[name] / round.sdk)).toFixed(2));
const machine = `${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
const rows: readonly (readonly [text: string, name: keyof Rates])[] = [
  ["the API, anonymous", "anonymous"],
  ["the API, a CI job's JWT and 100 statements", "job"],
  ["the same, a JWT that it has not seen yet", "newJob"],
  ["getSignedUrl of the SDK, nothing else", "sdk"],
];

function format(): string {
  const lines = rows.map(
    ([text, name]) =>
      `  ${text.padEnd(44)} ${String(medianOf(name)).padStart(7)}  ${ratioOf(name).toFixed(2).padStart(5)}`,
  );
  return `requests per second, medians of ${ROUNDS} rounds, and ratios to getSignedUrl (${machine})\n\n${lines.join("\n")}\n
targets: anonymous ${TARGET_RATIO} times getSignedUrl, a job ${TARGET_RATE} a second\n`;
}

const targets = { anonymousRatio: TARGET_RATIO, job: TARGET_RATE };
const measured = Object.fromEntries(rows.map(([, name]) => [name, { rate: medianOf(name), ratio: ratioOf(name) }]));
process.stdout.write(values.json ? `${JSON.stringify({ ...measured, targets, machine })}\n` : format());
process.exitCode = ratioOf("anonymous") >= TARGET_RATIO && medianOf("job") >= TARGET_RATE ? 0 : 1;
