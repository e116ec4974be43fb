/** An object in its order, by a plain GET. A connection that breaks is taken up where it broke, if the object is still the same one. */
import type { Checksum, ChecksumAlgorithm } from "@s3r/shared/checksum";
import { CliError } from "../cli-error.ts";
import { toS3Error } from "../s3/s3-error.ts";
import type { ChunkSink, S3Headers, S3Response } from "../s3/send.ts";
import { selectHeaders } from "../s3/signed-headers.ts";
import { cannotTakeBack, mismatch, otherRange, replacedObject } from "./download-error.ts";
import type { DownloadTarget } from "./download-target.ts";
import {
  parseObjectHead,
  strongEtag,
  verifiableChecksum,
  type ObjectChecksum,
  type ObjectHead,
} from "./object-head.ts";
import type { TransferProgress } from "./progress.ts";
import type { SharedSignature } from "./shared-signature.ts";
import type { TransferWorld } from "./transfer-world.ts";

/** What has been received so far, over all attempts. */
interface Received {
  bytes: number;
  /** Of the answer that the bytes began with; nothing when the next attempt must begin anew. */
  head: ObjectHead | undefined;
  checksum: Checksum | undefined;
}

export interface WholeDownload {
  readonly key: string;
  readonly target: DownloadTarget;
  readonly signature: SharedSignature;
  readonly createChecksum: (algorithm: ChecksumAlgorithm) => Checksum;
  readonly shown: TransferProgress;
  readonly world: TransferWorld;
  readonly received: Received;
  /** Asked when the head of a whole object has come and nothing before: may take what follows. */
  readonly divert: (head: ObjectHead) => ChunkSink | undefined;
}

export interface WholeObject {
  readonly bytes: number;
  readonly etag: string | undefined;
  /** What the bytes were held against beside their number. */
  readonly checksum: ObjectChecksum | undefined;
}

export function nothingReceived(): Received {
  return { bytes: 0, head: undefined, checksum: undefined };
}

function resumeHeaders({ bytes, head }: Received): Record<string, string> {
  const etag = head === undefined ? undefined : strongEtag(head);
  return bytes > 0 && etag !== undefined ? { range: `bytes=${bytes}-`, "if-match": etag } : {};
}

function isResuming(received: Received): boolean {
  return Object.keys(resumeHeaders(received)).length > 0;
}

/** An answer without a length, and not in chunks either, ends like a broken one: nobody could tell. */
function assertDelimited(headers: S3Headers, key: string): void {
  if (headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined) return;
  throw new CliError("UnsafeServer", `the store does not say how long ${key} is`, {
    reason: "a body that was cut would look whole",
    hint: "check what stands between you and the store",
  });
}

/** Takes back what was written and begins with the head of a whole object. */
function beginWith(head: ObjectHead, { target, received, shown, createChecksum }: WholeDownload): void {
  if (received.bytes > 0 && !target.canRestart) throw cannotTakeBack(target.name);
  if (received.bytes > 0) target.restart();
  const stored = verifiableChecksum(head);
  received.bytes = 0;
  received.head = head;
  received.checksum = stored === undefined ? undefined : createChecksum(stored.algorithm);
  shown.setTotal(head.size);
}

/** 206 from exactly where we are, of the same object. */
function assertContinues(headers: S3Headers, { key, received }: WholeDownload): void {
  const head = parseObjectHead(headers);
  const range = headers["content-range"];
  const start = /^bytes (\d{1,15})-/u.exec(typeof range === "string" ? range : "")?.[1];
  if (Number(start) === received.bytes && head.etag === received.head?.etag && head.size === received.head?.size)
    return;
  received.head = undefined;
  throw otherRange(key);
}

function sinkFor({ target, received, shown }: WholeDownload): ChunkSink {
  return (chunk) => {
    received.checksum?.update(chunk);
    received.bytes += chunk.byteLength;
    const pending = target.write(chunk);
    shown.update(received.bytes);
    return pending;
  };
}

/** Decides by the head of the answer what its body is: the rest, the whole, or an error's text. */
function acceptHead(status: number, headers: S3Headers, download: WholeDownload): ChunkSink | undefined {
  if (status !== 200 && status !== 206) return undefined;
  assertDelimited(headers, download.key);
  const head = parseObjectHead(headers);
  const taken = status === 200 && download.received.bytes === 0 ? download.divert(head) : undefined;
  if (taken !== undefined) return taken;
  // A server that ignores Range answers 200 with the whole object (RFC 9110 14.2).
  if (status === 200) beginWith(head, download);
  else assertContinues(headers, download);
  return sinkFor(download);
}

async function request(download: WholeDownload): Promise<S3Response> {
  const { received, world, signature } = download;
  const signed = await signature.get();
  const { headers } = selectHeaders(signed.url, signed.announced);
  try {
    const answer = await world.send({
      method: "GET",
      url: signed.url,
      headers: { ...headers, ...resumeHeaders(received) },
      onHead: (status, head) => acceptHead(status, head, download),
    });
    signature.replace(signed);
    return answer;
  } catch (error) {
    // Each attempt has a URL of its own; what the rest was diverted to goes on with this one.
    if (error instanceof CliError) signature.replace(signed);
    throw error;
  }
}

function verify({ key, received }: WholeDownload): WholeObject {
  const { bytes, head, checksum } = received;
  const stored = head === undefined ? undefined : verifiableChecksum(head);
  // Whatever is wrong, the next attempt must not build on it.
  received.head = undefined;
  received.checksum = undefined;
  if (head?.size !== undefined && bytes !== head.size)
    throw mismatch(key, `it has ${head.size} bytes, and ${bytes} came`);
  if (stored !== undefined && checksum?.digest() !== stored.value)
    throw mismatch(key, `its ${stored.algorithm} is another one than the store's`);
  return { bytes, etag: head?.etag, checksum: stored };
}

/** One attempt of the unit. @throws CliError; whatever the sink threw that the rest was diverted to. */
export async function attemptWhole(download: WholeDownload): Promise<WholeObject> {
  const { key, received, world } = download;
  const wasResuming = isResuming(received);
  const { status, headers, text } = await request(download);
  if (wasResuming && (status === 412 || status === 416)) {
    received.head = undefined;
    throw replacedObject(key);
  }
  if (status !== 200 && status !== 206) throw toS3Error({ status, headers, body: text }, `GET ${key}`, world.now());
  return verify(download);
}
