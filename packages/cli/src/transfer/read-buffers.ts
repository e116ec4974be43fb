/** Memory to read into that is used again: thousands of parts with fresh buffers would be garbage by the gigabyte before any of it is collected. */

/** Two that take turns. */
export type ReadBuffers = readonly [Buffer, Buffer];

/** Those of small files have as many lengths as there are, and are not kept. */
const KEPT_LENGTHS: ReadonlySet<number> = new Set([512 * 1024, 1024 ** 2]);

/** By their length. As many as were in use at once. */
const free = new Map<number, ReadBuffers[]>();

/** @param length of each, in bytes. */
export function takeReadBuffers(length: number): ReadBuffers {
  return free.get(length)?.pop() ?? [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)];
}

/** Only what nobody can be reading any more: a socket that has broken off may still have them. */
export function giveBackReadBuffers(buffers: ReadBuffers): void {
  const { byteLength } = buffers[0];
  if (!KEPT_LENGTHS.has(byteLength)) return;
  const others = free.get(byteLength) ?? [];
  others.push(buffers);
  free.set(byteLength, others);
}
