import type { Checksum } from "@s3r/shared/checksum";
import type { PartialFile } from "./partial-file.ts";

export interface ReadBackWorld {
  readonly file: Pick<PartialFile, "read">;
  /** A new one. */
  readonly checksum: Checksum;
  readonly signal: AbortSignal;
}

const READ_BYTES = 1024 ** 2;

/** Sockets and signals get their turn. */
async function breathe(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * The checksum of bytes that are in the file already. What is missing or cannot be read is left out: then it is another one.
 * @throws the reason of the signal.
 */
export async function readBack(
  { start, size }: { readonly start: number; readonly size: number },
  { file, checksum, signal }: ReadBackWorld,
): Promise<string> {
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, size));
  for (let position = 0; position < size;) {
    const length = readAt(file, buffer.subarray(0, Math.min(buffer.byteLength, size - position)), start + position);
    if (length === 0) break;
    checksum.update(buffer.subarray(0, length));
    position += length;
    await breathe();
    signal.throwIfAborted();
  }
  return checksum.digest();
}

function readAt(file: ReadBackWorld["file"], buffer: Uint8Array, position: number): number {
  try {
    return file.read(buffer, position);
  } catch {
    return 0;
  }
}
