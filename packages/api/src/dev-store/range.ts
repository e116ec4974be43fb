import type { ByteRange } from "./disk/blobs.ts";
import { S3Error } from "./s3-error.ts";

function unsatisfiable(header: string, size: number): never {
  throw new S3Error("InvalidRange", "The requested range is not satisfiable", {
    elements: { RangeRequested: header, ActualObjectSize: String(size) },
    headers: { "content-range": `bytes */${size}` },
  });
}

/**
 * The bytes that a `Range` header asks for (RFC 9110 14.1.2), or nothing where it is to be ignored: a
 * malformed one, another unit, or several ranges, of which S3 answers none.
 * @throws S3Error InvalidRange when no byte of the object is in it.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/u.exec(header ?? "") ?? [];
  if (header === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? unsatisfiable(header, size) : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? unsatisfiable(header, size) : { start, end };
}
