/** How a large object is cut: parts of one size, and a last one of what is left. Sizes are in bytes. */
import { MAX_PART_NUMBER, MAX_SINGLE_PUT_BYTES } from "@s3r/shared";
import { CliError } from "../cli-error.ts";

const MEBIBYTE = 1024 ** 2;

/** Enough to keep a connection busy, and little to send again. */
export const DEFAULT_PART_BYTES = 16 * MEBIBYTE;

/** What 10,000 parts of 5 GiB hold: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_OBJECT_BYTES = MAX_PART_NUMBER * MAX_SINGLE_PUT_BYTES;

export interface Part {
  /** From 1. */
  readonly number: number;
  /** Where it begins in the object. */
  readonly start: number;
  readonly size: number;
}

/** @throws CliError Usage for more than S3 can hold. */
export function assertPlannable(name: string, size: number): void {
  if (size <= MAX_OBJECT_BYTES) return;
  throw new CliError("Usage", `${name} is too large`, {
    reason: `it has ${size} bytes, and an object holds at most ${MAX_OBJECT_BYTES} (10,000 parts of 5 GiB)`,
    hint: "split it: split -b 10T FILE, and put the pieces",
  });
}

/** The preferred size, or as much more as it takes that 10,000 parts suffice: whole mebibytes then. */
export function partSizeFor(size: number, preferred = DEFAULT_PART_BYTES): number {
  const needed = Math.ceil(size / MAX_PART_NUMBER);
  if (needed <= preferred) return preferred;
  return Math.min(MAX_SINGLE_PUT_BYTES, Math.ceil(needed / MEBIBYTE) * MEBIBYTE);
}

/** All parts, in their order; none of an empty object. */
export function planParts(size: number, partSize: number): readonly Part[] {
  return Array.from({ length: Math.ceil(size / partSize) }, (_, index) => {
    const start = index * partSize;
    return { number: index + 1, start, size: Math.min(partSize, size - start) };
  });
}
