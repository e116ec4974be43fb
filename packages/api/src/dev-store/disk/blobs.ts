/** The bytes of objects and parts: files with random names that nobody knows of until a record names them. */
import { createHash, randomUUID } from "node:crypto";
import { open, readdir, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Checksum } from "@s3r/shared/checksum";
import { createHolds } from "./blob-holds.ts";
import type { Segment } from "./records.ts";

/** Bytes that are gathered before they are written: fewer, larger writes. */
const WRITE_BYTES = 1024 ** 2;
/** More than any high-water mark: who writes such a chunk to a stream waits until it has been taken. */
const READ_BYTES = 512 * 1024;

export interface WrittenBlob {
  readonly segment: Segment;
  /** Hexadecimal. */
  readonly md5: string;
}

/** An inclusive range of bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  const { bytesWritten } = await handle.writev(chunks);
  const total = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  if (bytesWritten === total) return;
  // writev(2) may write less than it was given.
  await handle.writeFile(Buffer.concat(chunks).subarray(bytesWritten));
}

export interface Blobs {
  /**
   * Takes all chunks to a new file and flushes it. When the chunks fail, so does this, and the file is gone.
   * @param checksums are fed every byte on the way.
   */
  write(chunks: AsyncIterable<Uint8Array>, checksums: readonly Checksum[]): Promise<WrittenBlob>;
  /** Writes a range of consecutive segments' bytes, reading ahead of the writing, and ends the destination. */
  pipe(segments: readonly Segment[], range: ByteRange, destination: Writable): Promise<void>;
  /**
   * Removes the files, those that are being sent when the last reader is done. Never fails: what is left
   * behind is named by no record, and is swept when the store opens.
   */
  remove(segments: readonly Segment[]): Promise<void>;
  /** Removes every blob that is not named. */
  sweep(named: ReadonlySet<string>): Promise<void>;
}

async function fill(
  handle: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  feed: (chunk: Uint8Array) => void,
): Promise<number> {
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  let size = 0;
  for await (const chunk of chunks) {
    feed(chunk);
    gathered.push(chunk);
    gatheredBytes += chunk.byteLength;
    size += chunk.byteLength;
    if (gatheredBytes < WRITE_BYTES) continue;
    await writeAll(handle, gathered);
    gathered = [];
    gatheredBytes = 0;
  }
  if (gatheredBytes > 0) await writeAll(handle, gathered);
  return size;
}

interface Piece {
  readonly segment: Segment;
  /** Within the segment. */
  readonly range: ByteRange;
}

/** What of each segment lies in a range of all of them. */
function cut(segments: readonly Segment[], range: ByteRange): readonly Piece[] {
  let offset = 0;
  return segments.flatMap((segment) => {
    const start = Math.max(range.start - offset, 0);
    const end = Math.min(range.end - offset, segment.size - 1);
    offset += segment.size;
    return start <= end ? [{ segment, range: { start, end } }] : [];
  });
}

/** Into the whole buffer, or as far as there are bytes: read(2) may bring fewer. */
async function fillBuffer(handle: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.byteLength) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.byteLength - filled, position + filled);
    if (bytesRead === 0) throw new Error("a file of the store has been cut off");
    filled += bytesRead;
  }
  return filled;
}

/**
 * Reads ahead by one chunk. There are two buffers, used in turns, and a chunk is valid until the next but one is asked for: with a new buffer for each, the
 * garbage collector took more than half of the time of a large object.
 */
async function* readChunks(path: string, { start, end }: ByteRange): AsyncGenerator<Buffer> {
  await using handle = await open(path);
  const size = Math.min(READ_BYTES, end - start + 1);
  let [ahead, taken] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
  let position = start;
  const readAhead = (): Promise<number> => {
    const filling = fillBuffer(handle, ahead.subarray(0, end + 1 - position), position);
    // Whoever ends early does not come back for it.
    filling.catch(() => {});
    return filling;
  };
  let reading = readAhead();
  while (position <= end) {
    const filled = await reading;
    position += filled;
    [ahead, taken] = [taken, ahead];
    if (position <= end) reading = readAhead();
    yield taken.subarray(0, filled);
  }
}

export function createBlobs(directory: string): Blobs {
  const pathOf = (blob: string): string => join(directory, blob);

  async function removeOne(blob: string): Promise<void> {
    await unlink(pathOf(blob)).catch(() => {});
  }
  const holds = createHolds(removeOne);

  async function* readRange(segments: readonly Segment[], range: ByteRange): AsyncGenerator<Buffer> {
    for (const { segment, range: part } of cut(segments, range)) yield* readChunks(pathOf(segment.blob), part);
  }

  return {
    async write(chunks, checksums) {
      const blob = randomUUID();
      const md5 = createHash("md5");
      try {
        await using handle = await open(pathOf(blob), "wx");
        const size = await fill(handle, chunks, (chunk) => {
          md5.update(chunk);
          for (const checksum of checksums) checksum.update(chunk);
        });
        await handle.sync();
        return { segment: { blob, size }, md5: md5.digest("hex") };
      } catch (error) {
        await removeOne(blob);
        throw error;
      }
    },
    async pipe(segments, range, destination) {
      await holds.during(segments, async () => await pipeline(readRange(segments, range), destination));
    },
    remove: async (segments) => await holds.remove(segments),
    async sweep(named) {
      const orphans = (await readdir(directory)).filter((blob) => !named.has(blob));
      await Promise.all(orphans.map(removeOne));
    },
  };
}
