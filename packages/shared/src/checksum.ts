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
  /** Some bytes, for `load`. */
  save(): Uint8Array;
  load(state: Uint8Array): unknown;
}

/** A hasher that all checksums of its kind share: making one for each costs more than a small object does. */
interface SharedHasher {
  readonly hasher: WasmHasher;
  /** Of nothing. */
  readonly initial: Uint8Array;
  /** Whose state it is in. */
  user: { state: Uint8Array } | undefined;
}

function share(hasher: WasmHasher): SharedHasher {
  hasher.init();
  return { hasher, initial: hasher.save(), user: undefined };
}

function fromShared(shared: SharedHasher): Checksum {
  const { hasher } = shared;
  const mine = { state: shared.initial };
  const take = (): void => {
    if (shared.user === mine) return;
    if (shared.user !== undefined) shared.user.state = hasher.save();
    hasher.load(mine.state);
    shared.user = mine;
  };
  return {
    update(chunk) {
      take();
      hasher.update(chunk);
    },
    digest() {
      take();
      shared.user = undefined;
      return Buffer.from(hasher.digest("binary")).toString("base64");
    },
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

/** Those that need nothing to be loaded. */
function createWithoutLoading(algorithm: Exclude<ChecksumAlgorithm, "CRC32C" | "CRC64NVME">): Checksum {
  return algorithm === "CRC32" ? fromZlibCrc32() : fromHash(algorithm.toLowerCase());
}

interface SharedHashers {
  readonly crc32c: SharedHasher;
  readonly crc64nvme: SharedHasher;
}

async function loadHashers(): Promise<SharedHashers> {
  const [crc32c, crc64nvme] = await Promise.all([createCRC32(CRC32C_POLYNOMIAL), createCRC64(CRC64NVME_POLYNOMIAL)]);
  return { crc32c: share(crc32c), crc64nvme: share(crc64nvme) };
}

let loading: Promise<SharedHashers> | undefined;

/** Makes checksums without waiting: what WebAssembly needs has been loaded. */
export async function createChecksumFactory(): Promise<(algorithm: ChecksumAlgorithm) => Checksum> {
  loading ??= loadHashers();
  const { crc32c, crc64nvme } = await loading;
  return (algorithm) => {
    if (algorithm === "CRC32C") return fromShared(crc32c);
    return algorithm === "CRC64NVME" ? fromShared(crc64nvme) : createWithoutLoading(algorithm);
  };
}

export async function createChecksum(algorithm: ChecksumAlgorithm): Promise<Checksum> {
  if (algorithm !== "CRC32C" && algorithm !== "CRC64NVME") return createWithoutLoading(algorithm);
  return (await createChecksumFactory())(algorithm);
}
