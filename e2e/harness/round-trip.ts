/** A file up with one client and down with another. */
import { rm } from "node:fs/promises";
import { expect } from "vitest";
import { keyPath } from "./keys.ts";
import { curl, run, s3r, type Finished } from "./run.ts";

interface Client {
  readonly put: (api: string, file: string, key: string) => Promise<Finished>;
  readonly get: (api: string, key: string, file: string) => Promise<Finished>;
}

export const CLIENTS = {
  curl: {
    put: (api, file, key) => curl(["-fL", "-T", file, `${api}/${keyPath(key)}`]),
    get: (api, key, file) => curl(["-fL", "-o", file, `${api}/${keyPath(key)}`]),
  },
  s3r: {
    put: (api, file, key) => s3r(api, ["put", "-q", file, key]),
    get: (api, key, file) => s3r(api, ["get", "-q", key, file]),
  },
} satisfies Record<string, Client>;

export type ClientName = keyof typeof CLIENTS;

export const CLIENT_PAIRS: readonly (readonly [putter: ClientName, getter: ClientName])[] = [
  ["curl", "curl"],
  ["curl", "s3r"],
  ["s3r", "curl"],
  ["s3r", "s3r"],
];

export interface RoundTrip {
  readonly api: string;
  /** What goes up. */
  readonly source: string;
  readonly putter: ClientName;
  readonly getter: ClientName;
  readonly key: string;
}

/** Fails the test unless the bytes come back as they went. */
export async function expectRoundTrip({ api, source, putter, getter, key }: RoundTrip): Promise<void> {
  const copy = `${source}.copy`;
  expect(await CLIENTS[putter].put(api, source, key)).toMatchObject({ code: 0 });
  expect(await CLIENTS[getter].get(api, key, copy)).toMatchObject({ code: 0 });
  expect(await run("cmp", [source, copy])).toMatchObject({ code: 0 });
  await rm(copy);
}
