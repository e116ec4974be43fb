/** For tests: an OpenID Connect issuer on a free port of localhost, over https, that fails on demand. */
import { createServer, type Server } from "node:https";
import type { ServerResponse } from "node:http";
import { testCertificates } from "./certificates.ts";
import { encodeJwt } from "./encode-jwt.ts";
import { answerConfiguration, answerKeys, MOVED_PATH, type IssuerFault } from "./issuer-faults.ts";
import { createRsaKey, type SigningKey } from "./signing-key.ts";

const CONFIGURATION_PATH = "/.well-known/openid-configuration";
const KEYS_PATH = "/keys";

export interface SignOptions {
  /** Over `alg`, `kid` and `typ`; `undefined` leaves one out. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Instead of the issuer's own key. */
  readonly key?: SigningKey;
}

export interface RunningIssuer extends AsyncDisposable {
  /** The `iss` of its tokens. */
  readonly url: string;
  readonly jwksUri: string;
  /** What a client must trust, as PEM. */
  readonly ca: string;
  /** The key that signs: the first of those that are published. */
  readonly key: () => SigningKey;
  /** A token of now, for five minutes and for `audience`. `claims` go over that; `undefined` leaves one out. */
  readonly sign: (claims?: Readonly<Record<string, unknown>>, options?: SignOptions) => string;
  /** Publishes these keys and no others; the first signs. */
  readonly publish: (...keys: readonly [SigningKey, ...SigningKey[]]) => void;
  readonly fail: (fault: IssuerFault | undefined) => void;
  /** How often each was asked for. */
  readonly requests: () => { readonly configuration: number; readonly keys: number; readonly other: number };
}

export interface IssuerOptions {
  readonly audience: string;
  readonly now?: () => Date;
  /** Made when absent. */
  readonly key?: SigningKey;
  /** A free one when absent. */
  readonly port?: number;
}

interface IssuerState {
  keys: readonly [SigningKey, ...SigningKey[]];
  fault: IssuerFault | undefined;
  readonly hits: Map<string, number>;
}

function answer({ keys, fault, hits }: IssuerState, url: string, path: string, response: ServerResponse): void {
  hits.set(path, (hits.get(path) ?? 0) + 1);
  const document = JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });
  if (path === CONFIGURATION_PATH) answerConfiguration({ issuer: url, jwks_uri: url + KEYS_PATH }, fault, response);
  else if (path === KEYS_PATH) answerKeys(document, fault, response);
  else if (path === MOVED_PATH) answerKeys(document, undefined, response);
  else response.writeHead(404).end();
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, "localhost", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new TypeError("no port");
  return address.port;
}

function countHits(hits: ReadonlyMap<string, number>): ReturnType<RunningIssuer["requests"]> {
  const [configuration, keys] = [hits.get(CONFIGURATION_PATH) ?? 0, hits.get(KEYS_PATH) ?? 0];
  return { configuration, keys, other: [...hits.values()].reduce((sum, each) => sum + each, 0) - configuration - keys };
}

export async function startIssuer(options: IssuerOptions): Promise<RunningIssuer> {
  const { audience, now = () => new Date(), key = createRsaKey(), port = 0 } = options;
  const { ca, cert, key: tlsKey } = testCertificates();
  const state: IssuerState = { keys: [key], fault: undefined, hits: new Map() };
  const server = createServer({ cert, key: tlsKey });
  const url = `https://localhost:${await listen(server, port)}`;
  server.on("request", (request, response) => answer(state, url, request.url ?? "", response));

  return {
    url,
    jwksUri: url + KEYS_PATH,
    ca,
    key: () => state.keys[0],
    sign(claims = {}, { header = {}, key: signer = state.keys[0] } = {}) {
      const iat = Math.floor(now().getTime() / 1000);
      return encodeJwt({
        header: { alg: signer.alg, kid: signer.kid, typ: "JWT", ...header },
        payload: { iss: url, aud: audience, sub: "job", iat, exp: iat + 300, ...claims },
        sign: signer.sign,
      });
    },
    publish: (...keys) => void (state.keys = keys),
    fail: (fault) => void (state.fault = fault),
    requests: () => countHits(state.hits),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
