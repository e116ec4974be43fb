/**
 * One object down, in its order or in several ranges at once: the head of the first answer decides. What arrives is checked against the
 * length and the checksum that the store has kept, and has the target's name only then.
 */
import { createChecksumFactory } from "@s3r/shared/checksum";
import { CliError, type CliErrorCode } from "../cli-error.ts";
import type { ChunkSink } from "../s3/send.ts";
import { mismatch, StartOver } from "./download-error.ts";
import { FirstPartDone, startRanges, type Ranged, type RangedRequest } from "./download-ranges.ts";
import type { DownloadTarget } from "./download-target.ts";
import { attemptWhole, nothingReceived, type WholeDownload } from "./download-whole.ts";
import { strongEtag, type ObjectChecksum, type ObjectHead } from "./object-head.ts";
import { DEFAULT_PART_BYTES, partSizeFor } from "./part-plan.ts";
import { runUnit } from "./run-unit.ts";
import { createSharedSignature } from "./shared-signature.ts";
import type { SignedAhead } from "./signed-ahead.ts";
import type { TransferWorld } from "./transfer-world.ts";

export interface DownloadRequest {
  readonly key: string;
  readonly target: DownloadTarget;
  /** Of the ranges that a large object comes in, in bytes; chosen by its size otherwise. */
  readonly partSize?: number | undefined;
  /** For the first attempt, if it is still usable then. */
  readonly ahead?: SignedAhead | undefined;
}

export interface DownloadResult {
  readonly key: string;
  /** Bytes. */
  readonly bytes: number;
  readonly etag: string | undefined;
  /** What the bytes were held against beside their number; nothing where the store has none that could be. */
  readonly checksum: ObjectChecksum | undefined;
  readonly attempts: number;
  /** How many, for an object that came in several at once. */
  readonly parts: number | undefined;
  /** Bytes that were there already, from an earlier run. */
  readonly reused: number;
}

/** What is as large as so many parts comes in several at once: where a connection gets 90 MB/s, 33 MiB take 0.85 s so, and 1.1 s in their order. */
const PARTS_WORTHWHILE = 2;

interface Attempts {
  readonly request: DownloadRequest;
  readonly whole: WholeDownload;
  /** Whether it may come in ranges. */
  mayRange: boolean;
  /** Of the ranges that the object comes in, once it has turned out to be large. */
  ranged: Ranged | undefined;
}

/** Large, the same as long as its ETag is, and for a target that takes bytes in any order. */
function isWorthRanges(head: ObjectHead, { request, mayRange }: Attempts): head is RangedRequest["head"] {
  const partSize = request.partSize ?? DEFAULT_PART_BYTES;
  return mayRange && strongEtag(head) !== undefined && (head.size ?? 0) >= PARTS_WORTHWHILE * partSize;
}

/** Begins the ranges of a large object. @throws FirstPartDone when nothing of this answer is needed. */
function divert(head: ObjectHead, attempts: Attempts): ChunkSink | undefined {
  const { request, whole } = attempts;
  const { openPartial } = request.target;
  if (openPartial === undefined || !isWorthRanges(head, attempts)) return undefined;
  const partSize = partSizeFor(head.size, request.partSize);
  const ranged = startRanges({ ...whole, head, partSize, openPartial });
  attempts.ranged = ranged;
  whole.shown.setTotal(head.size);
  if (ranged.sink === undefined) throw new FirstPartDone();
  return ranged.sink;
}

/** @returns nothing when the object has turned out to be large: the rest comes in ranges. */
async function attemptFirst(attempts: Attempts, number: number): Promise<DownloadResult | undefined> {
  try {
    const object = await attemptWhole(attempts.whole);
    return { key: attempts.request.key, ...object, attempts: number, parts: undefined, reused: 0 };
  } catch (error) {
    const { ranged } = attempts;
    if (ranged === undefined || !(error instanceof Error)) throw error;
    // What the first answer did not bring is asked for, unless it has failed for good.
    const isTransient = error instanceof CliError && error.retry !== undefined;
    if (!(error instanceof FirstPartDone) && !isTransient) ranged.fail(error);
    return undefined;
  }
}

/** @throws StartOver when the bytes are not the store's: nobody knows which of them. */
async function finishRanges(ranged: Ranged, key: string): Promise<DownloadResult> {
  await ranged.finish();
  const { head, stored, parts, reused } = ranged;
  const value = await ranged.checksum();
  if (stored !== undefined && value !== stored.value)
    throw new StartOver(mismatch(key, `its ${stored.algorithm} is another one than the store's`));
  return { key, bytes: head.size, etag: head.etag, checksum: stored, attempts: 1, parts, reused };
}

async function downloadOnce(attempts: Attempts): Promise<DownloadResult> {
  const result = await runUnit(attempts.whole.world, (number) => attemptFirst(attempts, number));
  if (result !== undefined) return result;
  if (attempts.ranged === undefined) throw new TypeError("neither whole nor in ranges");
  return await finishRanges(attempts.ranged, attempts.request.key);
}

/** How often an object that cannot be gone on with is got again. */
const AGAIN = 2;

async function downloadAgain(attempts: Attempts): Promise<DownloadResult> {
  for (let again = 0; ; again += 1) {
    try {
      return await downloadOnce(attempts);
    } catch (error) {
      if (!(error instanceof StartOver)) throw error;
      if (again >= AGAIN) throw error.failure;
      attempts.whole.world.retry.trace(
        `getting ${attempts.request.key} anew (${error.failure.reason ?? error.message})`,
      );
      attempts.mayRange &&= error.mayRange;
      attempts.ranged = undefined;
      attempts.request.target.restart();
    }
  }
}

/** After these another run would find the same, or another object. */
const FINAL: ReadonlySet<CliErrorCode> = new Set([
  "NotFound",
  "PreconditionFailed",
  "IntegrityMismatch",
  "TransferFailed",
  "Usage",
]);

/** Keeps what a later run can go on with, and says so. */
function endUnfinished(error: unknown, { ranged }: Attempts): unknown {
  if (ranged === undefined || (error instanceof CliError && FINAL.has(error.code))) return error;
  const bytes = ranged.file.keep();
  if (bytes === 0 || !(error instanceof CliError)) return error;
  const percent = Math.max(1, Math.floor((bytes * 100) / ranged.head.size));
  const hint = `${percent} % of it is here, and the same command goes on from there`;
  return new CliError(error.code, error.message, {
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    hint: error.hint === undefined ? hint : `${error.hint}; ${hint}`,
    cause: error,
  });
}

async function begin(request: DownloadRequest, world: TransferWorld): Promise<Attempts> {
  const { key, target, ahead } = request;
  const attempts: Attempts = {
    request,
    whole: {
      key,
      target,
      signature: createSharedSignature(key, world, ahead),
      createChecksum: await createChecksumFactory(),
      shown: world.progress.begin(key, undefined),
      world,
      received: nothingReceived(),
      divert: (head) => divert(head, attempts),
    },
    mayRange: true,
    ranged: undefined,
  };
  return attempts;
}

/**
 * The target has the object, and nothing else, when this returns. Otherwise it is as it was: what has come of a large object is kept
 * beside it for the same command to go on with, and of others nothing is.
 * @throws CliError
 */
export async function download(request: DownloadRequest, world: TransferWorld): Promise<DownloadResult> {
  const attempts = await begin(request, world);
  try {
    const result = await downloadAgain(attempts);
    await request.target.commit();
    return result;
  } catch (error) {
    throw endUnfinished(error, attempts);
  } finally {
    attempts.whole.shown.end();
    await request.target.discard();
  }
}
