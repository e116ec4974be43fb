/**
 * The CRC of two texts behind one another, from the CRC of each and the length of the second: with it
 * the parts of an upload are read once, in any order, and the whole object still has a checksum.
 * The method is zlib's `crc32_combine` (Mark Adler): multiplication by x^(8·length) modulo the polynomial.
 */
import type { ChecksumAlgorithm } from "./checksum-algorithm.ts";

/** Those of which `FULL_OBJECT` checksums are made: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
export type CombinableAlgorithm = Extract<ChecksumAlgorithm, "CRC32" | "CRC32C" | "CRC64NVME">;

interface Crc {
  readonly width: 32 | 64;
  /** Reflected: the coefficient of x^0 is the highest bit. */
  readonly polynomial: bigint;
}

const CRCS: Readonly<Record<CombinableAlgorithm, Crc>> = {
  CRC32: { width: 32, polynomial: 0xed_b8_83_20n },
  CRC32C: { width: 32, polynomial: 0x82_f6_3b_78n },
  CRC64NVME: { width: 64, polynomial: 0x9a_6c_93_29_ac_4b_c9_b5n },
};

/** The product of two polynomials modulo the CRC's. */
function multiply({ width, polynomial }: Crc, left: bigint, right: bigint): bigint {
  let product = 0n;
  let shifted = right;
  for (let bit = 1n << BigInt(width - 1); bit !== 0n; bit >>= 1n) {
    if ((left & bit) !== 0n) product ^= shifted;
    shifted = (shifted & 1n) === 0n ? shifted >> 1n : (shifted >> 1n) ^ polynomial;
  }
  return product;
}

/** x^(8·bytes), by repeated squaring. */
function powerOfBytes(crc: Crc, bytes: number): bigint {
  let power = 1n << BigInt(crc.width - 1);
  // x^8
  let square = 1n << BigInt(crc.width - 9);
  for (let left = BigInt(bytes); left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) power = multiply(crc, power, square);
    square = multiply(crc, square, square);
  }
  return power;
}

export interface PartChecksum {
  /** Base64. */
  readonly value: string;
  /** Of the part, in bytes. */
  readonly size: number;
}

function parse(value: string): bigint {
  return BigInt(`0x0${Buffer.from(value, "base64").toString("hex")}`);
}

function format({ width }: Crc, value: bigint): string {
  return Buffer.from(value.toString(16).padStart(width / 4, "0"), "hex").toString("base64");
}

/** The checksum of all the parts in their order, in base64. Of no parts: that of nothing. */
export function combineChecksums(algorithm: CombinableAlgorithm, parts: Iterable<PartChecksum>): string {
  const crc = CRCS[algorithm];
  const powers = new Map<number, bigint>();
  let combined = 0n;
  for (const { value, size } of parts) {
    // Nearly all parts have one size.
    const power = powers.get(size) ?? powerOfBytes(crc, size);
    powers.set(size, power);
    combined = multiply(crc, power, combined) ^ parse(value);
  }
  return format(crc, combined);
}
