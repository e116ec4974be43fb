/** What is remembered of a partial file: which object it is becoming, and which of its parts are there. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { openStateFile, type StateFile } from "../state/state-file.ts";

/** Who downloads what to where: one at a time. */
export interface PartialPlace {
  /** Where it is remembered; nothing when it is not. */
  readonly stateDirectory: string | undefined;
  readonly endpoint: URL;
  readonly key: string;
}

/** Of which bytes a partial file holds a part: another object, or another cut, makes it useless. */
export interface PartialIdentity {
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
  readonly partSize: number;
  /** Of the parts' checksums. */
  readonly algorithm: string;
}

/** The first line. */
const headSchema = v.object({
  version: v.literal(3),
  endpoint: v.string(),
  key: v.string(),
  path: v.string(),
  size: v.number(),
  etag: v.string(),
  partSize: v.number(),
  algorithm: v.string(),
});

/** Each line that follows: number and checksum of a part that is there. */
const noteSchema = v.tuple([v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(10_000)), v.string()]);

export interface PartialRecord {
  /** What the partial file is called, beside its target. Nobody else has a file of this name as long as this is open. */
  readonly name: string;
  /** Checksums of the parts that are there, by their numbers; nothing when there is no record, or one of something else. */
  read(identity: PartialIdentity): ReadonlyMap<number, string> | undefined;
  /** Forgets all, and is for this file now. What cannot be written is not remembered: then there is more to get. */
  begin(identity: PartialIdentity): void;
  /** A part is there. */
  note(number: number, checksum: string): void;
  remove(): void;
  /** Lets others have it. */
  release(): void;
}

function attempt(write: () => void): void {
  try {
    write();
  } catch {
    // The disk that it is on may be full, and need not be the target's.
  }
}

function recordOn(
  file: StateFile,
  name: string,
  place: { endpoint: string; key: string; path: string },
): PartialRecord {
  return {
    name,
    read(identity) {
      const [head, ...notes] = file.read();
      const found = v.safeParse(headSchema, head);
      const done = v.safeParse(v.array(noteSchema), notes);
      if (!found.success || !done.success) return undefined;
      return isDeepStrictEqual(found.output, { version: 3, ...place, ...identity }) ? new Map(done.output) : undefined;
    },
    begin: (identity) => attempt(() => file.write({ version: 3, ...place, ...identity })),
    note: (number, checksum) => attempt(() => file.append([number, checksum])),
    remove: () => file.remove(),
    release: () => file[Symbol.dispose](),
  };
}

/** @returns nothing when it cannot be remembered, or another process is at it. */
export function openPartialRecord(
  target: string,
  { stateDirectory, endpoint, key }: PartialPlace,
): PartialRecord | undefined {
  if (stateDirectory === undefined) return undefined;
  const place = { endpoint: endpoint.href, key, path: resolve(target) };
  const hash = createHash("sha256")
    .update(JSON.stringify(Object.values(place)))
    .digest("hex")
    .slice(0, 32);
  const file = openStateFile(join(stateDirectory, "downloads", `${hash}.json`));
  return file === undefined ? undefined : recordOn(file, `.s3r-${hash}.part`, place);
}
