/** What a transfer tells of itself. Who shows it, and whether, is not its business. */

export interface TransferProgress {
  /** Bytes that have moved so far in this attempt; may go back when an attempt begins anew. */
  update(bytes: number): void;
  /** How many there will be, once that is known. */
  setTotal(bytes: number | undefined): void;
  /** What it is called from now on: a run of many counts itself. */
  rename?(name: string): void;
  /** Nothing more will move. */
  end(): void;
}

export interface Progress {
  /** @param total bytes, where it is known. */
  begin(name: string, total: number | undefined): TransferProgress;
}

export const noProgress: Progress = { begin: () => ({ update: () => {}, setTotal: () => {}, end: () => {} }) };
