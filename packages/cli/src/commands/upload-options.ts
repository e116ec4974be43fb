/** The options of everything that uploads. */
import { MAX_SINGLE_PUT_BYTES, MIN_PART_BYTES } from "@s3r/shared";
import { CHECKSUMS, type ChecksumAlgorithm } from "@s3r/shared/checksum";
import type { Command } from "commander";
import { parseSize } from "../size.ts";
import { stringOption, usageError, type CommandInput } from "./command.ts";

export interface UploadTuning {
  /** Bytes; nothing where the size of the file decides. */
  readonly partSize: number | undefined;
  readonly checksum: ChecksumAlgorithm;
}

const NAMES = Object.keys(CHECKSUMS).map((name) => name.toLowerCase());

export function configureUpload(command: Command): Command {
  return command
    .option("--part-size <size>", "of the parts of large files, 5MiB to 5GiB (default: 16MiB)")
    .option("--checksum <algorithm>", `${NAMES.join(", ")} (default: crc32)`);
}

function parsePartSize(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const size = parseSize(value);
  if (size !== undefined && size >= MIN_PART_BYTES && size <= MAX_SINGLE_PUT_BYTES) return size;
  throw usageError(
    `--part-size ${JSON.stringify(value)} cannot be used`,
    "S3 takes parts of 5 MiB to 5 GiB",
    "--part-size 64MiB",
  );
}

function isAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(CHECKSUMS, name);
}

function parseChecksum(value: string): ChecksumAlgorithm {
  const name = value.toUpperCase();
  if (isAlgorithm(name)) return name;
  throw usageError(
    `--checksum ${JSON.stringify(value)} is unknown`,
    `it is one of ${NAMES.join(", ")}`,
    "--checksum sha256",
  );
}

/** @throws CliError Usage */
export function parseUploadTuning(options: CommandInput["options"]): UploadTuning {
  return {
    partSize: parsePartSize(stringOption(options, "partSize")),
    checksum: parseChecksum(stringOption(options, "checksum") ?? "crc32"),
  };
}
