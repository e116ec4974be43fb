/** A range of an object, in its order. No checksum is of a part: only its length is checked, and that all of it is of one version. */
import { CliError } from "../cli-error.ts";
import { toS3Error } from "../s3/s3-error.ts";
import type { ChunkSink, S3Headers } from "../s3/send.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import { formatByteRange, type ByteRange } from "./byte-range.ts";
import type { DownloadResult } from "./download.ts";
import type { DownloadTarget } from "./download-target.ts";
import { replacedObject } from "./get-range.ts";
import type { TransferProgress } from "./progress.ts";
import { runUnit } from "./run-unit.ts";
import type { TransferWorld } from "./transfer-world.ts";

export interface RangeRequest {
  readonly key: string;
  readonly range: ByteRange;
  readonly target: DownloadTarget;
}

/** What the first answer said, and what has come since. */
interface Received {
  bytes: number;
  exact: { readonly first: number; readonly last: number; readonly etag: string | undefined } | undefined;
}

interface Attempt extends RangeRequest {
  readonly received: Received;
  readonly shown: TransferProgress;
  readonly world: TransferWorld;
}

function single(headers: S3Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

function ignored(key: string): CliError {
  return new CliError("UnsafeServer", `the store does not answer ranges of ${key}`, {
    reason: "it sent all of the object, or another range",
    hint: "get all of it",
  });
}

function outside(key: string, headers: S3Headers): CliError {
  const size = /^bytes \*\/(\d{1,15})$/u.exec(single(headers, "content-range") ?? "")?.[1];
  return new CliError("Usage", `${key} has no such bytes`, {
    reason: size === undefined ? "the range is outside of it" : `it has ${size} bytes`,
    hint: "s3r stat shows its size",
  });
}

function headersFor({ range, received: { bytes, exact } }: Attempt): Record<string, string> {
  if (exact === undefined) return { range: formatByteRange(range) };
  const condition = exact.etag === undefined ? {} : { "if-match": exact.etag };
  return { range: formatByteRange(exact, bytes), ...condition };
}

function acceptHead(headers: S3Headers, { key, range, received, shown, target }: Attempt): ChunkSink {
  const [, first, last] = /^bytes (\d{1,15})-(\d{1,15})\/\d{1,15}$/u.exec(single(headers, "content-range") ?? "") ?? [];
  const [from, to] = [Number(first), Number(last)];
  const expected = received.exact === undefined ? range.first : received.exact.first + received.bytes;
  if (first === undefined || (expected !== undefined && from !== expected)) throw ignored(key);
  received.exact ??= { first: from, last: to, etag: single(headers, "etag") };
  shown.setTotal(received.exact.last - received.exact.first + 1);
  return (chunk) => {
    received.bytes += chunk.byteLength;
    const pending = target.write(chunk);
    shown.update(received.bytes);
    return pending;
  };
}

async function attemptRange(attempt: Attempt, number: number): Promise<DownloadResult> {
  const { key, received, world } = attempt;
  const signed = await world.resolve({ name: "GetObject", key, query: {} });
  const { headers } = selectHeaders(signed.url, signed.announced);
  const answer = await world.send({
    method: "GET",
    url: signed.url,
    headers: { ...headers, ...headersFor(attempt) },
    onHead(status, heads) {
      if (status === 200) throw ignored(key);
      return status === 206 ? acceptHead(heads, attempt) : undefined;
    },
  });
  if (answer.status === 416) throw outside(key, answer.headers);
  if (answer.status === 412) throw replacedObject(key);
  if (answer.status !== 206)
    throw toS3Error({ status: answer.status, headers: answer.headers, body: answer.text }, `GET ${key}`, world.now());
  const etag = received.exact?.etag;
  return { key, bytes: received.bytes, etag, checksum: undefined, attempts: number, parts: undefined, reused: 0 };
}

/**
 * The target has the range, and nothing else, when this returns; otherwise it is as it was.
 * @throws CliError Usage for a range that the object does not have.
 */
export async function downloadRange(request: RangeRequest, world: TransferWorld): Promise<DownloadResult> {
  const shown = world.progress.begin(request.key, undefined);
  const attempt: Attempt = { ...request, received: { bytes: 0, exact: undefined }, shown, world };
  try {
    const result = await runUnit(world, (number) => attemptRange(attempt, number));
    await request.target.commit();
    return result;
  } finally {
    shown.end();
    await request.target.discard();
  }
}
