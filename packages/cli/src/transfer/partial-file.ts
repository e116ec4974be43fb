/** A file that fills in any order, and what a later run needs to go on with it. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { openStateFile, type StateFile } from "../state/state-file.ts";

/** Of which bytes a partial file holds a part: another object, or another cut, makes it useless. */
export interface PartialIdentity {
  /** Where it is remembered; nothing when it is not. */
  readonly stateDirectory: string | undefined;
  readonly endpoint: URL;
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
  readonly partSize: number;
}

export interface PartialFile {
  /** Numbers of the parts that an earlier run has left, as far as the record says: the bytes have to be looked at. */
  readonly done: ReadonlySet<number>;
  /** @throws CliError LocalIo */
  write(chunk: Uint8Array, position: number): void;
  /** Fills the buffer, as far as there are bytes. */
  read(buffer: Uint8Array, position: number): number;
  /** @param mustLast whether its bytes have to outlast a power cut before it is remembered: nothing else would notice. */
  markDone(number: number, mustLast: boolean): void;
  /** Forgets what was done. */
  restart(): void;
  /** Whether a later run of the same command will find it, if it is kept. */
  readonly isFound: boolean;
  /** From now on `discard` leaves it for a later run. */
  keep(): void;
}

const schema = v.object({
  version: v.literal(1),
  endpoint: v.string(),
  key: v.string(),
  path: v.string(),
  size: v.number(),
  etag: v.string(),
  partSize: v.number(),
  done: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(10_000))),
});

export interface PartialRecord {
  /** Where the partial file is, beside its target. */
  readonly name: string;
  /** Of the parts that are there; nothing when there is no record, or one of something else. */
  read(): readonly number[] | undefined;
  write(done: Iterable<number>): void;
  remove(): void;
  /** Lets others have it. */
  release(): void;
}

function recordOn(file: StateFile, name: string, about: Omit<v.InferOutput<typeof schema>, "done">): PartialRecord {
  return {
    name,
    read() {
      const parsed = v.safeParse(schema, file.read());
      if (!parsed.success) return undefined;
      const { done, ...found } = parsed.output;
      return isDeepStrictEqual(found, about) ? done : undefined;
    },
    write: (done) => file.write({ ...about, done: [...done] }),
    remove: () => file.remove(),
    release: () => file[Symbol.dispose](),
  };
}

/** @returns nothing when it cannot be remembered, or another process is at it. */
export function openPartialRecord(
  target: string,
  { stateDirectory, endpoint, key, size, etag, partSize }: PartialIdentity,
): PartialRecord | undefined {
  if (stateDirectory === undefined) return undefined;
  const path = resolve(target);
  const hash = createHash("sha256")
    .update(JSON.stringify([endpoint.href, key, path]))
    .digest("hex")
    .slice(0, 32);
  const file = openStateFile(join(stateDirectory, "downloads", `${hash}.json`));
  if (file === undefined) return undefined;
  const about = { version: 1 as const, endpoint: endpoint.href, key, path, size, etag, partSize };
  return recordOn(file, `.s3r-${hash}.part`, about);
}
