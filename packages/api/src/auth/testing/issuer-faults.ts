/** For tests: the ways in which an issuer fails to publish its keys, by name. */
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

export const MOVED_PATH = "/moved";

type KeysAnswer = (document: string, response: ServerResponse) => void;

/** What comes instead of the key set, which is `document`. */
const KEYS_FAULTS = {
  "status 500": (document, response) => response.writeHead(500).end(document),
  hang: () => undefined,
  drip(_document, response) {
    const timer = setInterval(() => response.write(" "), 10);
    response.once("close", () => clearInterval(timer));
  },
  cut: (document, response) => response.write(document, () => response.destroy()),
  redirect: (_document, response) => response.writeHead(302, { location: MOVED_PATH }).end(),
  "10 MB": (document, response) => response.end(document + " ".repeat(10_000_000)),
  /** 10 KB that are 10 MB. */
  "gzip bomb": (document, response) =>
    response
      .writeHead(200, { "content-encoding": "gzip" })
      .end(gzipSync(Buffer.alloc(10_000_000, " ").fill(document, 0, document.length))),
  "invalid JSON": (document, response) => response.end(document.slice(0, -1)),
  "no keys": (_document, response) => response.end('{"keys":[]}'),
  "no key set": (_document, response) => response.end('"keys"'),
} as const satisfies Readonly<Record<string, KeysAnswer>>;

interface Configuration {
  readonly issuer: string;
  readonly jwks_uri: string;
}

/** What the configuration is instead. */
const CONFIGURATION_FAULTS = {
  "another issuer's configuration": (configuration) => ({ ...configuration, issuer: "https://issuer.example" }),
  "keys over http": ({ issuer, jwks_uri: uri }) => ({ issuer, jwks_uri: uri.replace("https:", "http:") }),
  "configuration without keys": ({ issuer }) => ({ issuer }),
  "no configuration": () => null,
} as const satisfies Readonly<Record<string, (configuration: Configuration) => unknown>>;

export type IssuerFault = keyof typeof KEYS_FAULTS | keyof typeof CONFIGURATION_FAULTS;

const keysFaults: Readonly<Partial<Record<IssuerFault, KeysAnswer>>> = KEYS_FAULTS;
const configurationFaults: Readonly<Partial<Record<IssuerFault, (configuration: Configuration) => unknown>>> =
  CONFIGURATION_FAULTS;

export function answerKeys(document: string, fault: IssuerFault | undefined, response: ServerResponse): void {
  const answerWrongly = fault === undefined ? undefined : keysFaults[fault];
  if (answerWrongly === undefined) response.end(document);
  else answerWrongly(document, response);
}

export function answerConfiguration(
  configuration: Configuration,
  fault: IssuerFault | undefined,
  response: ServerResponse,
): void {
  const spoil = fault === undefined ? undefined : configurationFaults[fault];
  response.end(JSON.stringify(spoil === undefined ? configuration : spoil(configuration)));
}
