import type { Storage } from "../disk/storage.ts";

/** What an operation works on. */
export interface OperationContext {
  readonly storage: Storage;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
