/** A range of bytes as people write it, and as HTTP does (RFC 9110 14.1.2). */

export interface ByteRange {
  /** Of the first byte, from 0; nothing for a suffix. */
  readonly first: number | undefined;
  /** Of the last byte; of a suffix its length; nothing for all that is left. */
  readonly last: number | undefined;
}

/** Of an object whose size is known. */
export interface ExactRange {
  readonly first: number;
  /** Included. */
  readonly last: number;
}

/** `0-99`, `100-`, or `-100` for the last hundred; nothing for any other text. */
export function parseByteRange(text: string): ByteRange | undefined {
  const [, first = "", last = ""] = /^(\d{0,15})-(\d{0,15})$/u.exec(text) ?? [];
  const range = {
    first: first === "" ? undefined : Number(first),
    last: last === "" ? undefined : Number(last),
  };
  if (range.first === undefined) return range.last === undefined || range.last === 0 ? undefined : range;
  return range.last !== undefined && range.last < range.first ? undefined : range;
}

/** @param received bytes that have come already: only of a range with a first byte. */
export function formatByteRange({ first, last }: ByteRange, received = 0): string {
  return `bytes=${first === undefined ? "" : first + received}-${last ?? ""}`;
}

/** Which bytes of so many it is; what is asked for beyond the end is left out. */
export function exactRange({ first, last }: ByteRange, size: number): ExactRange {
  if (first === undefined) return { first: Math.max(0, size - (last ?? 0)), last: size - 1 };
  return { first, last: Math.min(last ?? size - 1, size - 1) };
}
