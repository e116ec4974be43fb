/** For tests: a dev store on a free port with a directory of its own, and ways to talk to it. */
import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3RequestPresigner } from "@aws-sdk/s3-request-presigner";
import { HttpRequest } from "@smithy/protocol-http";
import { listen } from "../../adapters/listen.ts";
import { OneShotSha256 } from "../../sign/one-shot-sha256.ts";
import { openDevStore } from "../dev-store.ts";
import { loadOrCreateKeyPair, type KeyPair } from "../key-pair.ts";

const BUCKET = "dev";
const REGION = "us-east-1";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** `<Code>` of an error document. */
  readonly code: string | undefined;
}

export interface CallOptions {
  readonly query?: Readonly<Record<string, string>>;
  /** Signed with the URL, and sent. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface PresignOptions extends CallOptions {
  readonly expiresIn?: number;
  readonly signingDate?: Date;
  readonly region?: string;
  readonly keyPair?: KeyPair;
}

export interface TestStore extends AsyncDisposable {
  readonly origin: string;
  readonly directory: string;
  readonly keyPair: KeyPair;
  presign(method: string, path: string, options?: PresignOptions): Promise<string>;
  /** Sends a request as it is given: nothing is added but the body's length. */
  send(method: string, url: string, options?: CallOptions): Promise<Answer>;
  /** Presigns and sends. The path is percent-encoded, without the bucket. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Ends the store; the directory stays until the test's end. */
  close(): Promise<void>;
}

async function send(method: string, url: string, { headers = {}, body }: CallOptions = {}): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const length =
      body === undefined || "transfer-encoding" in headers ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const request = httpRequest(url, { method, headers: { ...length, ...headers }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => void chunks.push(chunk));
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const code = /<Code>(.*?)<\/Code>/u.exec(bytes.toString("utf8"))?.[1];
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, code });
        request.destroy();
      });
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

function withLength({ headers = {}, body }: CallOptions): Record<string, string> {
  return body === undefined ? { ...headers } : { "content-length": String(Buffer.byteLength(body)), ...headers };
}

function createPresign(origin: string, keyPair: KeyPair, now: () => Date): TestStore["presign"] {
  return async function presign(method, path, options = {}) {
    const credentials = options.keyPair ?? keyPair;
    const presigner = new S3RequestPresigner({ region: options.region ?? REGION, credentials, sha256: OneShotSha256 });
    const names = new Set(Object.keys(options.headers ?? {}));
    const { host } = new URL(origin);
    const request = new HttpRequest({
      method,
      protocol: "http:",
      hostname: host,
      path: `/${BUCKET}${path}`,
      query: { ...options.query },
      headers: { ...options.headers, host },
    });
    const signed = await presigner.presign(request, {
      expiresIn: options.expiresIn ?? 300,
      signingDate: options.signingDate ?? now(),
      signableHeaders: new Set([...names, "host"]),
      unhoistableHeaders: names,
    });
    const query = Object.entries(signed.query ?? {}).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
    );
    return `${origin}${signed.path}?${query.join("&")}`;
  };
}

/** @param directory of an earlier store; a new one when absent. */
export async function startStore(directory?: string, now: () => Date = () => new Date()): Promise<TestStore> {
  const data = directory ?? (await mkdtemp(join(tmpdir(), "s3r-store-")));
  const keyPair = await loadOrCreateKeyPair(data);
  const errors: unknown[] = [];
  const store = await openDevStore({
    directory: data,
    buckets: [BUCKET],
    region: REGION,
    keyPair,
    now,
    onError: (error) => void errors.push(error),
  });
  const origin = `http://localhost:${await listen(store.server, 0, "127.0.0.1")}`;

  const presign = createPresign(origin, keyPair, now);

  return {
    origin,
    directory: data,
    keyPair,
    presign,
    send,
    async call(method, path, options = {}) {
      const headers = withLength(options);
      return await send(method, await presign(method, path, { ...options, headers }), { ...options, headers });
    },
    close: async () => await store.close(),
    async [Symbol.asyncDispose]() {
      store.server.closeAllConnections();
      await store.close();
      await rm(data, { recursive: true, force: true });
      if (errors.length > 0) throw new AggregateError(errors, "the store failed in itself");
    },
  };
}
