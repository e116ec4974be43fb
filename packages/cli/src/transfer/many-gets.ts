/** Many objects down, each into a file of its own. */
import type { Operation } from "@s3r/shared";
import type { CliError } from "../cli-error.ts";
import type { DownloadDirectory } from "../files/download-directory.ts";
import type { ListedObject } from "../s3/parse-listing.ts";
import { download, type DownloadResult } from "./download.ts";
import { openFileTarget } from "./file-target.ts";
import type { ManyUnit } from "./many-units.ts";
import { openSmallFileTarget } from "./small-file-target.ts";
import type { TransferWorld } from "./transfer-world.ts";

export interface ObjectToGet {
  readonly object: ListedObject;
  /** In the directory. */
  readonly path: string;
}

export interface GetListener {
  /** @param milliseconds from when it was begun. */
  done(file: ObjectToGet, result: DownloadResult, milliseconds: number): void;
  failed(file: ObjectToGet, error: CliError): void;
}

export interface GetMany {
  readonly directory: DownloadDirectory;
  /** Never replace a file. */
  readonly noClobber: boolean;
  readonly world: TransferWorld;
  readonly listener: GetListener;
}

/** Of what is larger the holes are kept, and what has come of it for a later run. */
const SMALL_BYTES = 8 * 1024 ** 2;

export function getUnit(file: ObjectToGet, { directory, noClobber, world, listener }: GetMany): ManyUnit {
  const { object, path } = file;
  const { key, size } = object;
  const operation: Operation = { name: "GetObject", key, query: {} };
  return {
    question: { operation, announced: { "x-amz-checksum-mode": "ENABLED" } },
    held: 0,
    bytes: size,
    async run(ahead) {
      const started = performance.now();
      directory.makeRoomFor(key);
      const target = size <= SMALL_BYTES ? openSmallFileTarget(path, noClobber) : await openFileTarget(path, noClobber);
      const result = await download({ key, target, ahead }, world);
      listener.done(file, result, performance.now() - started);
    },
    fail: (error) => listener.failed(file, error),
  };
}
