/**
 * Signatures for the parts of an upload, many at once and just in time: as many as will be used while they are fresh. 10 GiB
 * cost two questions this way, and no signature is older than a part of its life when it is used.
 */
import { MAX_BATCH_REQUESTS, type Operation } from "@s3r/shared";
import type { SignedRequest } from "../api/resolve.ts";
import { CliError } from "../cli-error.ts";
import { usableUntil, type SignedAhead } from "./signed-ahead.ts";
import type { TransferWorld } from "./transfer-world.ts";

/** What is announced of a part. */
export interface PartQuestion {
  /** From 1. */
  readonly number: number;
  readonly announced: Readonly<Record<string, string>>;
}

export interface PartSigner {
  /** For a part's first attempt. @throws CliError the API's refusal of this part, or of the batch. */
  sign(question: PartQuestion): Promise<SignedRequest>;
  /** For a later one: by itself, and fresh. */
  signAnew(question: PartQuestion): Promise<SignedRequest>;
}

export interface PartSignerOptions {
  readonly key: string;
  readonly uploadId: string;
  /** The parts that come after this one, in their order, as far as they are known. */
  readonly following: (number: number, count: number) => Promise<readonly PartQuestion[]>;
}

/** Of the first batch: more than there are lanes, and little enough that the first part need not wait. */
const FIRST_BATCH = 64;

/** Of a signature's life, how much of it the parts of one batch may wait. */
const AHEAD = 0.4;

function isSame(left: PartQuestion["announced"], right: PartQuestion["announced"]): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}

/** How many signatures the next batch is to have: by how fast they were used so far, as many as will be while they are fresh. */
interface Pace {
  used(): void;
  /** @param lifeSeconds of the signatures of the batch before. */
  next(lifeSeconds: number | undefined): number;
}

function createPace(now: () => Date): Pace {
  const began = now().getTime();
  let used = 0;
  return {
    used() {
      used += 1;
    },
    next(lifeSeconds = 0) {
      const perSecond = (used * 1000) / Math.max(1, now().getTime() - began);
      return Math.min(MAX_BATCH_REQUESTS, Math.max(FIRST_BATCH, Math.floor(perSecond * lifeSeconds * AHEAD)));
    },
  };
}

interface Shelved {
  readonly question: PartQuestion;
  readonly outcome: SignedAhead | CliError;
}

/** Signatures that wait to be used, by part numbers. */
interface Shelf {
  /** Asks for one, and for those that come after it. */
  fill(first: PartQuestion): Promise<void>;
  /** What is there for this part, if it is fresh and about the same; it is there no longer then. @throws CliError the API's refusal of it. */
  take(question: PartQuestion): SignedRequest | undefined;
}

function createShelf(
  { following, ...upload }: PartSignerOptions,
  { signBatch, now }: Pick<TransferWorld, "signBatch" | "now">,
): Shelf {
  const ahead = new Map<number, Shelved>();
  const pace = createPace(now);
  let lifeSeconds: number | undefined;

  return {
    async fill(first) {
      const questions = [first, ...(await following(first.number, pace.next(lifeSeconds) - 1))];
      const at = now().getTime();
      const outcomes = await signBatch(
        questions.map(({ number, announced }) => ({ operation: uploadPart(upload, number), announced })),
      );
      if (outcomes === undefined) throw withoutBatches();
      for (const [index, outcome] of outcomes.entries()) {
        const question = questions[index] ?? first;
        ahead.set(question.number, {
          question,
          outcome: outcome instanceof CliError ? outcome : { signed: outcome, at },
        });
        if (!(outcome instanceof CliError)) lifeSeconds = outcome.expiresIn;
      }
    },
    take({ number, announced }) {
      const found = ahead.get(number);
      ahead.delete(number);
      if (found === undefined || !isSame(found.question.announced, announced)) return undefined;
      const { outcome } = found;
      if (outcome instanceof CliError) throw outcome;
      if (now().getTime() >= usableUntil(outcome)) return undefined;
      pace.used();
      return outcome.signed;
    },
  };
}

function uploadPart({ key, uploadId }: Pick<PartSignerOptions, "key" | "uploadId">, number: number): Operation {
  return { name: "UploadPart", key, query: { partNumber: String(number), uploadId } };
}

export function createPartSigner(
  options: PartSignerOptions,
  world: Pick<TransferWorld, "signBatch" | "resolve" | "now">,
): PartSigner {
  const shelf = createShelf(options, world);
  let filling: Promise<void> | undefined;

  async function signAnew({ number, announced }: PartQuestion): Promise<SignedRequest> {
    return await world.resolve(uploadPart(options, number), announced);
  }

  return {
    async sign(question) {
      // Who comes while a batch is being asked for may find itself in it, or be the one who asks for the next.
      for (let waited = 0; waited < 2; waited += 1) {
        const signed = shelf.take(question);
        if (signed !== undefined) return signed;
        filling ??= shelf.fill(question).finally(() => {
          filling = undefined;
        });
        await filling;
      }
      return shelf.take(question) ?? (await signAnew(question));
    },
    signAnew,
  };
}

function withoutBatches(): CliError {
  return new CliError("UnsafeServer", "the API no longer signs in batches", {
    reason: "it has no POST /.s3r/sign, and had it before",
    hint: "check the endpoint, and try again",
  });
}
