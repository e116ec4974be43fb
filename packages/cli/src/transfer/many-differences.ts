/** Of files and objects of the same name, those that are not the same. What the listing cannot tell is asked for, many at once. */
import type { Operation } from "@s3r/shared";
import { CliError } from "../cli-error.ts";
import type { ListedObject } from "../s3/parse-listing.ts";
import { isSameByEtag, isSameByHead, type LocalTimes } from "./compare-content.ts";
import { runMany, type ManyUnit } from "./many-units.ts";
import { parseObjectHead, type ObjectHead } from "./object-head.ts";
import { runUnit } from "./run-unit.ts";
import { requestOnce } from "./simple-request.ts";
import type { TransferWorld } from "./transfer-world.ts";

export interface LocalFile extends LocalTimes {
  /** Below the directory, with `/` between its names. */
  readonly relative: string;
  /** Bytes. */
  readonly size: number;
}

export interface Pair {
  readonly local: LocalFile;
  readonly object: ListedObject;
}

export interface DifferenceListener {
  unchanged(pair: Pair): void;
  failed(pair: Pair, error: CliError): void;
}

/** So many are asked about in one go. */
const UNDECIDED = 500;

const HEAD_HEADERS = { "x-amz-checksum-mode": "ENABLED" };

/** Nothing when it may not be known, or is gone: then it is another one. */
async function lookAt(
  key: string,
  world: TransferWorld,
  ahead: Parameters<ManyUnit["run"]>[0],
): Promise<ObjectHead | undefined> {
  const operation: Operation = { name: "HeadObject", key, query: {} };
  try {
    const answer = await runUnit(world, (number) =>
      requestOnce(operation, HEAD_HEADERS, world, number === 1 ? ahead : undefined),
    );
    return parseObjectHead(answer.headers);
  } catch (error) {
    if (error instanceof CliError && (error.code === "Forbidden" || error.code === "NotFound")) return undefined;
    throw error;
  }
}

interface Comparison {
  readonly world: TransferWorld;
  readonly listener: DifferenceListener;
}

function headUnit(pair: Pair, differs: Set<Pair>, { world, listener }: Comparison): ManyUnit {
  const { local, object } = pair;
  const operation: Operation = { name: "HeadObject", key: object.key, query: {} };
  return {
    question: { operation, announced: HEAD_HEADERS },
    held: 0,
    bytes: 0,
    async run(ahead) {
      const head = await lookAt(object.key, world, ahead);
      if (head !== undefined && (await isSameByHead(local, head, world.retry.signal))) listener.unchanged(pair);
      else differs.add(pair);
    },
    fail: (error) => listener.failed(pair, error),
  };
}

/** In the order that they came in. */
async function ask(pairs: readonly Pair[], comparison: Comparison): Promise<readonly Pair[]> {
  const differs = new Set<Pair>();
  await runMany(
    pairs.map((pair) => headUnit(pair, differs, comparison)),
    comparison.world,
  );
  return pairs.filter((pair) => differs.has(pair));
}

type Verdict = "same" | "differs" | "undecided" | "failed";

async function compare(pair: Pair, { world, listener }: Comparison): Promise<Verdict> {
  const { local, object } = pair;
  if (local.size !== object.size) return "differs";
  try {
    return (await isSameByEtag(local.path, object, world.retry.signal)) === true ? "same" : "undecided";
  } catch (error) {
    world.retry.signal.throwIfAborted();
    if (!(error instanceof CliError)) throw error;
    listener.failed(pair, error);
    return "failed";
  }
}

/** One side alone differs. */
export interface Single {
  readonly local: LocalFile | undefined;
  readonly object: ListedObject | undefined;
}

function isPair(step: Pair | Single): step is Pair {
  return step.local !== undefined && step.object !== undefined;
}

/** Those that differ. What cannot be compared is told to the listener. */
export async function* differences<Other extends Single>(
  pairs: AsyncIterable<Pair | Other>,
  world: TransferWorld,
  listener: DifferenceListener,
): AsyncGenerator<Pair | Other> {
  const comparison = { world, listener };
  let undecided: Pair[] = [];
  for await (const pair of pairs) {
    if (!isPair(pair)) {
      yield pair;
      continue;
    }
    const verdict = await compare(pair, comparison);
    if (verdict === "same") listener.unchanged(pair);
    if (verdict === "differs") yield pair;
    if (verdict === "undecided") undecided.push(pair);
    if (undecided.length < UNDECIDED) continue;
    yield* await ask(undecided, comparison);
    undecided = [];
  }
  yield* await ask(undecided, comparison);
}
