import type { Source } from "./source.ts";

/** A part of a source as a source of its own. It is closed with the whole, not by itself. */
export function sectionOf(source: Source, start: number, size: number): Source {
  return {
    name: source.name,
    size,
    identity: undefined,
    read: (buffer, position) => source.read(buffer.subarray(0, Math.max(0, size - position)), start + position),
    assertUnchanged: () => source.assertUnchanged(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
