/** Computes S3's checksums. Kept apart from the package's main entry, so that a signer loads no WebAssembly. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { createCRC32, createCRC64 } from "hash-wasm";
import type { ChecksumAlgorithm } from "./checksum-algorithm.ts";

export { CHECKSUM_LIST, CHECKSUMS } from "./checksum-algorithm.ts";
export { combineChecksums, type CombinableAlgorithm, type PartChecksum } from "./combine-checksums.ts";
export type { ChecksumAlgorithm, ChecksumSpec, ChecksumType } from "./checksum-algorithm.ts";

/** A checksum being computed. `update` keeps no reference to the chunk. */
export interface Checksum {
  update(chunk: Uint8Array): void;
  /** The value in base64, as S3's headers carry it. To be called once. */
  digest(): string;
}

/** Reflected polynomials, as hash-wasm takes them. */
const CRC32C_POLYNOMIAL = 0x82f63b78;
/** CRC-64/NVME: https://reveng.sourceforge.io/crc-catalogue/all.htm#crc.cat.crc-64-nvme */
const CRC64NVME_POLYNOMIAL = "9a6c9329ac4bc9b5";

/** The interface of hash-wasm's hashers, as far as it is used here. */
interface WasmHasher {
  init(): unknown;
  update(chunk: Uint8Array): unknown;
  digest(format: "binary"): Uint8Array;
}

function fromWasm(hasher: WasmHasher): Checksum {
  hasher.init();
  return {
    update: (chunk) => void hasher.update(chunk),
    digest: () => Buffer.from(hasher.digest("binary")).toString("base64"),
  };
}

function fromHash(algorithm: string): Checksum {
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest("base64") };
}

/** Node's own CRC-32 is several times faster than any WebAssembly. */
function fromZlibCrc32(): Checksum {
  let value = 0;
  return {
    update: (chunk) => {
      value = crc32(chunk, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString("base64");
    },
  };
}

/**
 * Makes checksums without waiting: what WebAssembly needs has been loaded. The CRC32C and the CRC64NVME of one factory
 * are one hasher each, so a new one of these ends the one before it.
 */
export async function createChecksumFactory(): Promise<(algorithm: ChecksumAlgorithm) => Checksum> {
  const [crc32c, crc64nvme] = await Promise.all([createCRC32(CRC32C_POLYNOMIAL), createCRC64(CRC64NVME_POLYNOMIAL)]);
  const factories: Readonly<Record<ChecksumAlgorithm, () => Checksum>> = {
    CRC32: fromZlibCrc32,
    CRC32C: () => fromWasm(crc32c),
    CRC64NVME: () => fromWasm(crc64nvme),
    SHA1: () => fromHash("sha1"),
    SHA256: () => fromHash("sha256"),
  };
  return (algorithm) => factories[algorithm]();
}

export async function createChecksum(algorithm: ChecksumAlgorithm): Promise<Checksum> {
  return (await createChecksumFactory())(algorithm);
}
