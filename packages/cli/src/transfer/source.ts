/** What is uploaded: bytes of a known number that can be read more than once, for the checksum and for each attempt. */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { CliError, toLocalError } from "../cli-error.ts";

export interface Source extends AsyncDisposable {
  /** For people. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Fills as much of the buffer as there is; 0 at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** @throws CliError LocalIo when the bytes are no longer those that were there at first. */
  assertUnchanged(): Promise<void>;
}

const READ_BYTES = 1024 ** 2;
/** Two of these are in turn on their way to the socket. */
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

async function sourceOf(handle: FileHandle, name: string): Promise<Source> {
  const { size, mtimeMs } = await handle.stat();
  return {
    name,
    size,
    async read(buffer, position) {
      return (await handle.read(buffer, 0, buffer.byteLength, position)).bytesRead;
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

/** @throws CliError NotFound, LocalIo, or Usage for what is no regular file. */
export async function openFileSource(path: string, name = path): Promise<Source> {
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
    return await sourceOf(handle, name);
  } catch (error) {
    await handle?.close();
    throw toLocalError(error, `cannot read ${path}`);
  }
}

export function createBufferSource(bytes: Uint8Array, name: string): Source {
  return {
    name,
    size: bytes.byteLength,
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

/** Shows every byte once. A chunk must not be kept. */
export async function readThrough(
  source: Source,
  take: (chunk: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, source.size)));
  for (let position = 0; position < source.size;) {
    signal.throwIfAborted();
    const chunk = await fill(source, buffer, position);
    take(chunk);
    position += chunk.byteLength;
  }
  await source.assertUnchanged();
}

/**
 * The bytes as a request's body: a fresh one for every attempt, since a consumed one would go out
 * again as an empty object. Two buffers take turns: the socket has written one when the other is asked for.
 */
export async function* readAsBody(source: Source, onSent: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.allocUnsafe(SEND_BYTES), Buffer.allocUnsafe(SEND_BYTES)];
  for (let position = 0, turn = 0; position < source.size; turn ^= 1) {
    const chunk = await fill(source, buffers[turn] ?? Buffer.alloc(0), position);
    position += chunk.byteLength;
    // Before the last byte goes: afterwards the store would have a whole object of mixed bytes.
    if (position === source.size) await source.assertUnchanged();
    yield chunk;
    onSent(position);
  }
}
