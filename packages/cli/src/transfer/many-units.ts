/**
 * Many units of work, each one request to the store: signed in batches, the next batch prepared and signed while the one before it moves, and so
 * many begun at once that the lanes are full and memory is bounded. A failure is the unit's own and stops no other.
 */
import { setImmediate as breathe } from "node:timers/promises";
import { MAX_BATCH_BODY_BYTES, MAX_BATCH_REQUESTS } from "@s3r/shared";
import type { SignQuestion } from "../api/sign-batch.ts";
import { CliError } from "../cli-error.ts";
import { createRunning } from "./running.ts";
import type { SignedAhead } from "./signed-ahead.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { withRetries } from "./with-retries.ts";

export interface ManyUnit {
  /** What is to be signed for it; nothing for what asks for itself. */
  readonly question: SignQuestion | undefined;
  /** Bytes that it keeps in memory until it has run. */
  readonly held: number;
  /** Bytes that it will move. */
  readonly bytes: number;
  /** @param ahead nothing where the API signs no batches, or the unit asked for nothing. @throws CliError, of this unit alone. */
  readonly run: (ahead: SignedAhead | undefined) => Promise<void>;
  readonly fail: (error: CliError) => void;
}

/** Two batches are held at a time. */
const MAX_HELD_BYTES = 32 * 1024 ** 2;
/** What moves at 2 MB/s and more is done while its signatures live. */
const MAX_MOVED_BYTES = 512 * 1024 ** 2;
/** Leaves room for what JSON adds. */
const MAX_QUESTION_CHARACTERS = MAX_BATCH_BODY_BYTES * 0.75;
/** The first batch is small, so that something moves while the next one is prepared; the next ones catch up. */
const FIRST_BATCH = 100;
const GROWTH = 3;
/** Preparing is synchronous: sockets get their turn in between. */
const TURN_MILLISECONDS = 4;
/** These take many lanes for themselves. */
const LARGE_BYTES = 64 * 1024 ** 2;
const LARGE_WEIGHT = 16;

/** Every character of a key may take nine in its path. */
function charactersOf({ operation, announced }: SignQuestion): number {
  const headers = Object.entries(announced).reduce((sum, [name, value]) => sum + name.length + value.length + 6, 0);
  return operation.key.length * 9 + headers + 100;
}

interface Batch {
  readonly units: ManyUnit[];
  held: number;
  moved: number;
  characters: number;
}

function emptyBatch(): Batch {
  return { units: [], held: 0, moved: 0, characters: 0 };
}

function isFull({ units, held, moved, characters }: Batch, maximum: number): boolean {
  return (
    units.length >= maximum ||
    held >= MAX_HELD_BYTES ||
    moved >= MAX_MOVED_BYTES ||
    characters >= MAX_QUESTION_CHARACTERS
  );
}

async function* inBatches(units: AsyncIterable<ManyUnit> | Iterable<ManyUnit>): AsyncGenerator<readonly ManyUnit[]> {
  let batch = emptyBatch();
  let maximum = FIRST_BATCH;
  let turn = performance.now();
  for await (const unit of units) {
    batch.units.push(unit);
    batch.held += unit.held;
    batch.moved += unit.bytes;
    batch.characters += unit.question === undefined ? 0 : charactersOf(unit.question);
    if (isFull(batch, maximum)) {
      yield batch.units;
      batch = emptyBatch();
      maximum = Math.min(MAX_BATCH_REQUESTS, maximum * GROWTH);
    }
    if (performance.now() - turn < TURN_MILLISECONDS) continue;
    await breathe();
    turn = performance.now();
  }
  if (batch.units.length > 0) yield batch.units;
}

interface SignedUnit {
  readonly unit: ManyUnit;
  /** The API's refusal, of this unit. */
  readonly ahead: SignedAhead | CliError | undefined;
}

function createSigner(world: TransferWorld): (units: readonly ManyUnit[]) => Promise<readonly SignedUnit[]> {
  let signsBatches = true;
  return async function signUnits(units) {
    const questions = units.flatMap(({ question }) => (question === undefined ? [] : [question]));
    const at = world.now().getTime();
    // One alone is as well asked for when it runs.
    const isBatch = signsBatches && questions.length > 1;
    const outcomes = isBatch ? await withRetries(world.retry, () => world.signBatch(questions)) : undefined;
    if (isBatch) signsBatches = outcomes !== undefined;
    let next = 0;
    return units.map((unit) => {
      const outcome = unit.question === undefined ? undefined : outcomes?.[next++];
      if (outcome === undefined || outcome instanceof CliError) return { unit, ahead: outcome };
      return { unit, ahead: { signed: outcome, at } };
    });
  };
}

/** What ends the run: an interruption, or an error that nobody foresaw. */
function isFatal(error: unknown): boolean {
  return !(error instanceof CliError) || error.code === "Interrupted" || error.code === "Terminated";
}

async function runUnit({ unit, ahead }: SignedUnit): Promise<void> {
  try {
    if (ahead instanceof CliError) throw ahead;
    await unit.run(ahead);
  } catch (error) {
    if (!(error instanceof CliError) || isFatal(error)) throw error;
    unit.fail(error);
  }
}

/**
 * @throws CliError when a whole batch cannot be signed, which is nobody's own failure; Interrupted, Terminated. What has begun has ended by then.
 */
export async function runMany(
  units: AsyncIterable<ManyUnit> | Iterable<ManyUnit>,
  world: TransferWorld,
): Promise<void> {
  const signUnits = createSigner(world);
  const batches = inBatches(units);
  const running = createRunning(() => world.lanes.limit);
  async function signNext(): Promise<readonly SignedUnit[]> {
    const { value } = await batches.next();
    return value === undefined ? [] : await signUnits(value);
  }
  try {
    for (let signed = await signNext(); signed.length > 0;) {
      const next = signNext();
      // It is awaited below, unless something ends the run before.
      next.catch(() => {});
      for (const each of signed) {
        world.retry.signal.throwIfAborted();
        await running.start(each.unit.bytes > LARGE_BYTES ? LARGE_WEIGHT : 1, () => runUnit(each));
      }
      signed = await next;
    }
  } finally {
    await running.settle();
    await batches.return(undefined);
  }
  running.throwIfFailed();
}
