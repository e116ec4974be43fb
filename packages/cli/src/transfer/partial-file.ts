/** A file that fills in any order, and that a later run of the same command can go on with. */
import { closeSync } from "node:fs";
import { dirname, join } from "node:path";
import { openPartialRecord, type PartialIdentity, type PartialPlace, type PartialRecord } from "./partial-record.ts";
import { openLeftFile, type WrittenFile } from "./written-file.ts";

export interface PartialFile {
  /** Checksums of the parts that an earlier run has left, by their numbers. The record says so: the bytes have to be held against them. */
  readonly left: ReadonlyMap<number, string>;
  /** @throws CliError LocalIo */
  write(chunk: Uint8Array, position: number): void;
  /** Fills the buffer, as far as there are bytes. @returns how many. */
  read(buffer: Uint8Array, position: number): number;
  /** A part is there. */
  note(number: number, checksum: string): void;
  /** Leaves it for a later run of the same command. @returns how many bytes that will find; without any, nothing is left. */
  keep(): number;
}

/** What a written file is on the way to, over all attempts of a run. */
export interface PartialFiles {
  /** Of an object that this run has not begun before, with what an earlier one has left of it. @throws CliError LocalIo; what the system says. */
  open(place: PartialPlace, identity: PartialIdentity): PartialFile;
  /** It has its final name. */
  placed(): void;
  /** Nobody writes any more: the file is removed, unless it has been placed or is kept. */
  end(): void;
}

const ZEROS = Buffer.alloc(1024 ** 2);

/** What is nothing but zeros: in a new file they are there already, and take no room as long as they are not written. */
function isHole(chunk: Uint8Array): boolean {
  return chunk.byteLength <= ZEROS.byteLength && ZEROS.subarray(0, chunk.byteLength).equals(chunk);
}

/** Goes on with what is left of an earlier run, or begins a file that a later one will find. @returns the checksums that go with what is left. */
function adopt(
  written: WrittenFile,
  record: PartialRecord,
  identity: PartialIdentity,
): ReadonlyMap<number, string> | undefined {
  const path = join(dirname(written.path), record.name);
  const noted = record.read(identity);
  const left = noted === undefined ? undefined : openLeftFile(path, identity.size);
  if (left === undefined) {
    written.rename(path);
    return undefined;
  }
  try {
    written.assertRoom(identity.size, left);
  } catch (error) {
    // What is left stays for when there is room.
    closeSync(left.descriptor);
    record.release();
    throw error;
  }
  written.becomeLeft(left);
  return noted;
}

interface Noted {
  readonly record: PartialRecord | undefined;
  readonly identity: PartialIdentity;
  /** Parts that are there. */
  parts: number;
}

/** Kept for whom, and how much: what nobody would find, or is nothing, is not. */
function bytesToKeep({ record, identity, parts }: Noted): number {
  return record === undefined ? 0 : Math.min(identity.size, parts * identity.partSize);
}

/** @param target the name that the file is to get. */
export function createPartialFiles(written: WrittenFile, target: string): PartialFiles {
  let noted: Noted | undefined;
  let isKept = false;
  let isPlaced = false;

  function begin(place: PartialPlace, identity: PartialIdentity): ReadonlyMap<number, string> | undefined {
    const record = noted === undefined ? openPartialRecord(target, place) : noted.record;
    // Of a run that begins anew nothing is left that could be gone on with.
    const left = noted === undefined && record !== undefined ? adopt(written, record, identity) : undefined;
    noted = { record, identity, parts: left?.size ?? 0 };
    if (left !== undefined) return left;
    written.assertRoom(identity.size);
    written.clear(identity.size);
    record?.begin(identity);
    return undefined;
  }

  return {
    open(place, identity) {
      const left = begin(place, identity);
      return {
        left: left ?? new Map(),
        write(chunk, position) {
          // Where an earlier run has written, other bytes may be there.
          if (left === undefined && isHole(chunk)) return;
          written.write(chunk, position);
        },
        read: (buffer, position) => written.read(buffer, position),
        note(number, checksum) {
          if (noted === undefined) return;
          noted.parts += left?.has(number) === true ? 0 : 1;
          noted.record?.note(number, checksum);
        },
        keep() {
          const bytes = noted === undefined ? 0 : bytesToKeep(noted);
          isKept = bytes > 0;
          return bytes;
        },
      };
    },
    placed() {
      isPlaced = true;
    },
    end() {
      // Before others may have the name: theirs is not to be removed.
      if (!isPlaced && !isKept) written.remove();
      if (isPlaced || !isKept) noted?.record?.remove();
      noted?.record?.release();
      noted = undefined;
    },
  };
}
