/**
 * A large object into a file, several ranges at once. It begins as a plain GET, whose head says what the object is; that answer brings the
 * first part while the others are asked for, and is ended there. An earlier run's parts are read back instead.
 */
import {
  CHECKSUMS,
  combineChecksums,
  type Checksum,
  type ChecksumAlgorithm,
  type CombinableAlgorithm,
} from "@s3r/shared/checksum";
import type { ChunkSink } from "../s3/send.ts";
import { getRange, takePiece, type PartState, type RangeWorld } from "./get-range.ts";
import { verifiableChecksum, type ObjectChecksum, type ObjectHead } from "./object-head.ts";
import type { PartialFile } from "./partial-file.ts";
import type { PartialIdentity, PartialPlace } from "./partial-record.ts";
import { planParts, type Part } from "./part-plan.ts";
import type { TransferProgress } from "./progress.ts";
import { readBack } from "./read-back.ts";
import { createRunning } from "./running.ts";
import type { SharedSignature } from "./shared-signature.ts";
import type { TransferWorld } from "./transfer-world.ts";

/** The first part is whole, and what follows comes by other ways: the answer is to be ended. */
export class FirstPartDone extends Error {
  override readonly name = "FirstPartDone";
}

export interface RangedRequest {
  readonly key: string;
  readonly head: ObjectHead & { readonly size: number };
  readonly partSize: number;
  /** @throws CliError LocalIo */
  readonly openPartial: (place: PartialPlace, identity: PartialIdentity) => PartialFile;
  readonly createChecksum: (algorithm: ChecksumAlgorithm) => Checksum;
  readonly signature: SharedSignature;
  readonly shown: TransferProgress;
  readonly world: TransferWorld;
}

export interface Ranged {
  /** Takes what the plain GET brings; nothing where that is there already. */
  readonly sink: ChunkSink | undefined;
  /** No other range begins: what has failed for good would fail them too. */
  fail(error: Error): void;
  /** When the plain GET has ended, however it did. @returns once nothing moves any more. @throws CliError, StartOver, what was told to `fail` */
  finish(): Promise<void>;
  /** Bytes that were there from an earlier run. */
  readonly reused: number;
  readonly parts: number;
  readonly head: RangedRequest["head"];
  /** What the bytes are to be held against, and what they have; nothing where the store has none of the whole. */
  readonly stored: ObjectChecksum | undefined;
  checksum(): Promise<string | undefined>;
  readonly file: PartialFile;
}

function isCombinable(algorithm: ChecksumAlgorithm): algorithm is CombinableAlgorithm {
  return CHECKSUMS[algorithm].multipartTypes.includes("FULL_OBJECT");
}

/** That of the whole, if it can be made of the parts' ones. Otherwise the cheapest: a later run has to know its parts again. */
function partAlgorithm(stored: ObjectChecksum | undefined): CombinableAlgorithm {
  return stored !== undefined && isCombinable(stored.algorithm) ? stored.algorithm : "CRC32";
}

interface Pieces {
  readonly parts: readonly Part[];
  readonly algorithm: CombinableAlgorithm;
  /** Checksums of the parts that are whole. */
  readonly values: Map<number, string>;
  readonly range: RangeWorld;
  reused: number;
}

function complete({ part: { number }, checksum }: PartState, { values, range }: Pieces): void {
  const value = checksum.digest();
  values.set(number, value);
  range.file.note(number, value);
}

function beginPart(part: Part, { range }: Pieces): PartState {
  return { part, received: 0, checksum: range.beginChecksum(), gathered: undefined };
}

async function getPart(state: PartState, pieces: Pieces): Promise<void> {
  await getRange(state, pieces.range);
  complete(state, pieces);
}

/** So many at once that the lanes are full: what waits takes memory too, and a large object has thousands of parts. */
async function getParts(parts: Iterable<Part>, pieces: Pieces): Promise<void> {
  const running = createRunning(() => pieces.range.world.lanes.limit);
  try {
    for (const part of parts) await running.start(1, async () => await getPart(beginPart(part, pieces), pieces));
  } finally {
    await running.settle();
  }
  running.throwIfFailed();
}

/** Until nothing moves any more. */
async function settle(running: readonly Promise<void>[], range: RangeWorld): Promise<void> {
  const results = await Promise.allSettled(running);
  if (range.failure !== undefined) throw range.failure;
  const rejected = results.find((result) => result.status === "rejected");
  if (rejected !== undefined) throw rejected.reason;
}

async function reuseParts(parts: readonly Part[], pieces: Pieces): Promise<void> {
  const { range, values } = pieces;
  const { file, world } = range;
  const damaged: Part[] = [];
  for (const part of parts) {
    const value = await readBack(part, { file, checksum: range.beginChecksum(), signal: world.retry.signal });
    if (value === file.left.get(part.number)) {
      values.set(part.number, value);
      pieces.reused += part.size;
      range.count(part.size);
    } else damaged.push(part);
  }
  await getParts(damaged, pieces);
}

async function wholeChecksum(
  { head, createChecksum, world }: RangedRequest,
  { parts, values, algorithm, range }: Pieces,
): Promise<string | undefined> {
  const stored = verifiableChecksum(head);
  if (stored === undefined) return undefined;
  if (stored.algorithm === algorithm)
    return combineChecksums(
      algorithm,
      parts.map(({ number, size }) => ({ value: values.get(number) ?? "", size })),
    );
  const checksum = createChecksum(stored.algorithm);
  return await readBack({ start: 0, size: head.size }, { file: range.file, checksum, signal: world.retry.signal });
}

function openPieces({ key, head, partSize, openPartial, createChecksum, ...request }: RangedRequest): Pieces {
  const { signature, shown, world } = request;
  const algorithm = partAlgorithm(verifiableChecksum(head));
  const { size, etag = "" } = head;
  const place = { stateDirectory: world.stateDirectory, endpoint: world.endpoint, key };
  const file = openPartial(place, { size, etag, partSize, algorithm });
  let sum = 0;
  const range: RangeWorld = {
    key,
    head,
    file,
    signature,
    world,
    failure: undefined,
    count(bytes) {
      sum += bytes;
      shown.update(sum);
    },
    beginChecksum: () => createChecksum(algorithm),
    spareBuffers: [],
  };
  return { parts: planParts(size, partSize), algorithm, values: new Map(), range, reused: 0 };
}

/** Takes the first part, if it is the one that the plain GET begins with. */
function createSink(first: PartState | undefined, { range }: Pieces): ChunkSink | undefined {
  if (first?.part.number !== 1) return undefined;
  return (chunk) => {
    if (range.failure !== undefined) throw range.failure;
    takePiece(first, chunk, range);
    if (first.received === first.part.size) throw new FirstPartDone();
  };
}

/** Begins with all parts but the first, which the answer that is just coming brings. @throws CliError LocalIo */
export function startRanges(request: RangedRequest): Ranged {
  const pieces = openPieces(request);
  const { range, parts } = pieces;
  const left = parts.filter(({ number }) => range.file.left.has(number));
  const [firstPart, ...others] = parts.filter(({ number }) => !range.file.left.has(number));
  const first = firstPart === undefined ? undefined : beginPart(firstPart, pieces);
  const running = [reuseParts(left, pieces), getParts(others, pieces)];
  // They are looked at in the end; until then none is an unhandled one.
  for (const each of running) each.catch(() => {});

  return {
    sink: createSink(first, pieces),
    fail(error) {
      range.failure ??= error;
    },
    async finish() {
      if (first !== undefined && range.failure === undefined) {
        if (first.received < first.part.size) running.push(getPart(first, pieces));
        else complete(first, pieces);
      }
      await settle(running, range);
    },
    get reused() {
      return pieces.reused;
    },
    parts: parts.length,
    head: request.head,
    stored: verifiableChecksum(request.head),
    checksum: () => wholeChecksum(request, pieces),
    file: range.file,
  };
}
