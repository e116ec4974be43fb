/**
 * A large object into a file, several ranges at once. It begins as a plain GET, whose head says what the object is; that answer brings the
 * first part while the others are asked for, and is ended there. An earlier run's parts are read back instead.
 */
import {
  CHECKSUMS,
  combineChecksums,
  createChecksum,
  type Checksum,
  type CombinableAlgorithm,
  type ChecksumAlgorithm,
} from "@s3r/shared/checksum";
import type { ChunkSink } from "../s3/send.ts";
import { getRange, takePiece, type PartState, type RangeWorld } from "./get-range.ts";
import type { ObjectChecksum, ObjectHead } from "./object-head.ts";
import type { PartialFile } from "./partial-file.ts";
import { planParts, type Part } from "./part-plan.ts";
import type { TransferProgress } from "./progress.ts";
import type { SharedSignature } from "./shared-signature.ts";
import type { TransferWorld } from "./transfer-world.ts";

/** The first part is whole, and what follows comes by other ways: the answer is to be ended. */
export class FirstPartDone extends Error {
  override readonly name = "FirstPartDone";
}

export interface RangedRequest {
  readonly key: string;
  readonly head: ObjectHead & { readonly size: number };
  readonly stored: ObjectChecksum | undefined;
  /** Of the stored one's algorithm: the answer does not wait for one. */
  readonly firstChecksum: Checksum | undefined;
  readonly file: PartialFile;
  readonly partSize: number;
  readonly signature: SharedSignature;
  readonly shown: TransferProgress;
  readonly world: TransferWorld;
}

export interface Ranged {
  /** Takes what the plain GET brings. */
  readonly sink: ChunkSink;
  /** No other range begins: what has failed for good would fail them too. */
  fail(error: Error): void;
  /** When the plain GET has ended, however it did. @returns once nothing moves any more. @throws CliError, RangesIgnored, what was told to `fail` */
  finish(): Promise<void>;
  /** Bytes that were there from an earlier run. */
  readonly reused: () => number;
  readonly parts: number;
  readonly head: RangedRequest["head"];
  /** What the bytes are to be held against. */
  readonly stored: ObjectChecksum | undefined;
  /** Of all the bytes, by the algorithm of the stored one. */
  checksum(): Promise<string | undefined>;
}

function isCombinable(algorithm: ChecksumAlgorithm | undefined): algorithm is CombinableAlgorithm {
  return algorithm !== undefined && CHECKSUMS[algorithm].multipartTypes.includes("FULL_OBJECT");
}

const READ_BYTES = 1024 ** 2;

/** Reads bytes of the file, for a checksum. */
function readBack(file: PartialFile, { start, size }: Pick<Part, "start" | "size">, checksum: Checksum): void {
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, size));
  for (let position = 0; position < size;) {
    const length = file.read(buffer.subarray(0, Math.min(buffer.byteLength, size - position)), start + position);
    // A file that became shorter has other bytes than were stored: the checksum will say so.
    if (length === 0) return;
    checksum.update(buffer.subarray(0, length));
    position += length;
  }
}

/** Lets the sockets have their turn. */
async function breathe(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

interface Pieces {
  readonly parts: readonly Part[];
  /** Of the parts that are whole. */
  readonly values: Map<number, string>;
  readonly range: RangeWorld;
  readonly algorithm: CombinableAlgorithm | undefined;
  reused: number;
}

function complete({ part: { number }, checksum }: PartState, { values, range, algorithm }: Pieces): void {
  const value = checksum?.digest();
  if (value !== undefined) values.set(number, value);
  range.file.markDone(number, algorithm === undefined);
}

async function getPart(state: PartState, pieces: Pieces): Promise<void> {
  await getRange(state, pieces.range);
  complete(state, pieces);
}

async function reuseParts(parts: readonly Part[], pieces: Pieces): Promise<void> {
  const { range, values } = pieces;
  for (const part of parts) {
    const checksum = await range.beginChecksum();
    if (checksum !== undefined) {
      readBack(range.file, part, checksum);
      values.set(part.number, checksum.digest());
    }
    pieces.reused += part.size;
    range.moved(part.size);
    await breathe();
    range.world.retry.signal.throwIfAborted();
  }
}

async function wholeChecksum(
  request: RangedRequest,
  { parts, values, algorithm }: Pieces,
): Promise<string | undefined> {
  const { stored, file, head } = request;
  if (stored === undefined) return undefined;
  if (algorithm !== undefined)
    return combineChecksums(
      algorithm,
      parts.map(({ number, size }) => ({ value: values.get(number) ?? "", size })),
    );
  const checksum = await createChecksum(stored.algorithm);
  readBack(file, { start: 0, size: head.size }, checksum);
  return checksum.digest();
}

function openPieces({ key, head, stored, file, partSize, signature, shown, world }: RangedRequest): Pieces {
  const algorithm = isCombinable(stored?.algorithm) ? stored?.algorithm : undefined;
  const combinable = isCombinable(algorithm) ? algorithm : undefined;
  let sum = 0;
  const range: RangeWorld = {
    key,
    head,
    file,
    signature,
    world,
    failure: undefined,
    moved(bytes) {
      sum += bytes;
      world.lanes.moved(bytes);
      shown.update(sum);
    },
    beginChecksum: async () => (combinable === undefined ? undefined : await createChecksum(combinable)),
  };
  return { parts: planParts(head.size, partSize), values: new Map(), range, algorithm: combinable, reused: 0 };
}

/** Begins with all parts but the first, which the answer that is just coming brings. */
export function startRanges(request: RangedRequest): Ranged {
  const pieces = openPieces(request);
  const { range, parts } = pieces;
  const done = new Set(request.file.done);
  const [firstPart, ...others] = parts.filter(({ number }) => !done.has(number));
  const isFirst = firstPart?.number === 1;
  const first: PartState | undefined =
    firstPart === undefined
      ? undefined
      : { part: firstPart, received: 0, checksum: pieces.algorithm === undefined ? undefined : request.firstChecksum };
  const running: Promise<void>[] = [
    reuseParts(
      parts.filter(({ number }) => done.has(number)),
      pieces,
    ),
    ...others.map((part) => getPart({ part, received: 0, checksum: undefined }, pieces)),
  ];
  // They are looked at in the end; until then none is an unhandled one.
  for (const each of running) each.catch(() => {});

  return {
    parts: parts.length,
    head: request.head,
    stored: request.stored,
    reused: () => pieces.reused,
    sink(chunk) {
      if (first === undefined || !isFirst) throw new FirstPartDone();
      takePiece(first, chunk, range);
      if (first.received === first.part.size) throw new FirstPartDone();
    },
    fail(error) {
      range.failure ??= error;
    },
    async finish() {
      if (first !== undefined && range.failure === undefined) {
        if (first.received < first.part.size) running.push(getPart(first, pieces));
        else complete(first, pieces);
      }
      const results = await Promise.allSettled(running);
      if (range.failure !== undefined) throw range.failure;
      const rejected = results.find((result) => result.status === "rejected");
      if (rejected !== undefined) throw rejected.reason;
    },
    checksum: () => wholeChecksum(request, pieces),
  };
}
