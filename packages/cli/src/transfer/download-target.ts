import type { PartialFile } from "./partial-file.ts";
import type { PartialIdentity, PartialPlace } from "./partial-record.ts";

/** Where a download goes, a chunk at a time. */
export interface DownloadTarget {
  /** For people. */
  readonly name: string;
  /** Takes the next bytes; must not keep the chunk. A promise holds the download back. */
  write(chunk: Uint8Array): Promise<void> | void;
  /** Whether what was written can be taken back, to begin anew. */
  readonly canRestart: boolean;
  restart(): void;
  /** For bytes in any order, of an object of this size; nothing where they have to come in theirs. @throws CliError LocalIo */
  readonly openPartial?: (place: PartialPlace, identity: PartialIdentity) => PartialFile;
  /** The bytes are whole and verified. */
  commit(): Promise<void>;
  /** Nothing more will come. What is not whole is taken back, unless it is kept for a later run. To be called after `commit`, too. */
  discard(): Promise<void>;
}
