/** The streams of a terminal program, as far as they are used. */
import type { Readable, Writable } from "node:stream";

export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type InputStream = Readable & { readonly isTTY?: boolean };

/** `columns` is there where somebody looks at it. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };
