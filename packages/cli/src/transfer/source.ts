/** What is uploaded: bytes of a known number that can be read more than once, for the checksum and for each attempt. */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import { CliError, toLocalError } from "../cli-error.ts";
import { giveBackReadBuffers, takeReadBuffers, type ReadBuffers } from "./read-buffers.ts";

/** What a later run is to find unchanged, so that it may go on with what an earlier one began. */
export interface SourceIdentity {
  /** Absolute. */
  readonly path: string;
  readonly modifiedMilliseconds: number;
}

export interface Source extends AsyncDisposable {
  /** For people. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Nothing for what cannot be read again by another run. */
  readonly identity: SourceIdentity | undefined;
  /** All of it, where it is in memory. */
  readonly bytes?: Uint8Array;
  /** Fills as much of the buffer as there is; 0 at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** @throws CliError LocalIo when the bytes are no longer those that were there at first. */
  assertUnchanged(): Promise<void>;
}

const READ_BYTES = 1024 ** 2;
const SEND_BYTES = 512 * 1024;

function changed(name: string): CliError {
  return new CliError("LocalIo", `${name} changed while it was being read`, {
    reason: "its size or its time of modification is another one",
    hint: "try again when nothing writes to it",
  });
}

function directory(path: string): CliError {
  return new CliError("Usage", `${path} is a directory`, {
    reason: "s3r put takes files",
    hint: "name the files, or pack them: tar cz DIR | s3r put - KEY",
  });
}

async function sourceOf(handle: FileHandle, path: string, name: string, start: number): Promise<Source> {
  const { size, mtimeMs } = await handle.stat();
  return {
    name,
    size: Math.max(0, size - start),
    identity: name === path && start === 0 ? { path: resolve(path), modifiedMilliseconds: mtimeMs } : undefined,
    async read(buffer, position) {
      try {
        return (await handle.read(buffer, 0, buffer.byteLength, start + position)).bytesRead;
      } catch (error) {
        throw toLocalError(error, `cannot read ${name}`);
      }
    },
    async assertUnchanged() {
      const now = await handle.stat();
      if (now.size !== size || now.mtimeMs !== mtimeMs) throw changed(name);
    },
    async [Symbol.asyncDispose]() {
      await handle.close();
    },
  };
}

/**
 * @param start where its bytes begin.
 * @throws CliError NotFound, LocalIo, or Usage for what is no regular file.
 */
export async function openFileSource(path: string, name = path, start = 0): Promise<Source> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (stats.isDirectory()) throw directory(path);
    if (!stats.isFile()) {
      throw new CliError("Usage", `${path} is no regular file`, {
        reason: "its size is unknown",
        hint: `pipe it: s3r put - KEY < ${path}`,
      });
    }
    return await sourceOf(handle, path, name, start);
  } catch (error) {
    await handle?.close();
    throw toLocalError(error, `cannot read ${path}`);
  }
}

/** Closes the file with the source. */
export async function openHandleSource(handle: FileHandle, name: string): Promise<Source> {
  // A path that is nobody's: what has no name cannot be found again.
  return await sourceOf(handle, "", name, 0);
}

export function createBufferSource(bytes: Uint8Array, name: string): Source {
  return {
    name,
    size: bytes.byteLength,
    identity: undefined,
    bytes,
    read(buffer, position) {
      const part = bytes.subarray(position, position + buffer.byteLength);
      buffer.set(part);
      return Promise.resolve(part.byteLength);
    },
    assertUnchanged: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function fill(source: Source, buffer: Uint8Array, position: number): Promise<Uint8Array> {
  const wanted = Math.min(buffer.byteLength, source.size - position);
  let filled = 0;
  while (filled < wanted) {
    const count = await source.read(buffer.subarray(filled, wanted), position + filled);
    if (count === 0) throw changed(source.name);
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/**
 * Chunk after chunk, each read while the one before it is in use. A chunk is gone when the next but one is asked for:
 * two buffers take turns, and the socket has written one when the other is wanted.
 */
async function* readAhead(source: Source, buffers: ReadBuffers, start: number): AsyncGenerator<Uint8Array> {
  let [current, other] = buffers;
  let next = start < source.size ? fill(source, current, start) : undefined;
  for (let position = start; next !== undefined;) {
    const chunk: Uint8Array = await next;
    position += chunk.byteLength;
    [current, other] = [other, current];
    next = position < source.size ? fill(source, current, position) : undefined;
    // It is awaited above, unless the reader has stopped asking.
    next?.catch(() => {});
    yield chunk;
  }
}

/** Shows every byte once. A chunk must not be kept. */
export async function readThrough(
  source: Source,
  take: (chunk: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const buffers = buffersFor(source, READ_BYTES);
  for await (const chunk of readAhead(source, buffers, 0)) {
    signal.throwIfAborted();
    take(chunk);
  }
  giveBackReadBuffers(buffers);
  await source.assertUnchanged();
}

/** Before the last byte goes: afterwards the store would have a whole object of mixed bytes. */
async function assertBeforeLast(source: Source, position: number): Promise<void> {
  if (position === source.size) await source.assertUnchanged();
}

export interface BodyOptions {
  /** Told how many bytes have gone. */
  readonly onSent: (bytes: number) => void;
  /** Shown every chunk before it goes. */
  readonly onChunk?: ((chunk: Uint8Array) => void) | undefined;
  /** Is waited for when the head and the first bytes are on their way. */
  readonly hold?: (() => Promise<void>) | undefined;
  /** To read into; nobody else may use them until the answer is there. */
  readonly buffers?: ReadBuffers;
}

/** For the whole of a source: no larger than it is. */
function buffersFor({ size }: Source, bytes: number): ReadBuffers {
  return takeReadBuffers(Math.min(bytes, Math.max(1, size)));
}

export function bodyBuffers(source: Source): ReadBuffers {
  return buffersFor(source, SEND_BYTES);
}

/**
 * Servers on fasthttp, VersityGW for one, look at a request when they have 8 KiB of its body
 * (https://github.com/valyala/fasthttp/blob/v1.73.0/http.go, readBodyWithStreaming).
 */
const BYTES_BEFORE_HOLD = 16 * 1024;

/**
 * The bytes as a request's body: a fresh one for every attempt, since a consumed one would go out
 * again as an empty object.
 */
export async function* readAsBody(
  source: Source,
  { onSent, onChunk, hold, buffers = bodyBuffers(source) }: BodyOptions,
): AsyncGenerator<Uint8Array> {
  let position = 0;
  if (hold !== undefined && source.size > 0) {
    const first = await fill(source, Buffer.alloc(Math.min(BYTES_BEFORE_HOLD, Math.max(1, source.size - 1))), 0);
    position = first.byteLength;
    await assertBeforeLast(source, position);
    onChunk?.(first);
    yield first;
    onSent(position);
    await hold();
  }
  for await (const chunk of readAhead(source, buffers, position)) {
    position += chunk.byteLength;
    await assertBeforeLast(source, position);
    onChunk?.(chunk);
    yield chunk;
    onSent(position);
  }
}
