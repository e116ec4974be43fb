/** What every transfer works with: who signs, who moves bytes, how patiently, and who is told. */
import type { Resolve } from "../api/resolve.ts";
import type { Send } from "../s3/send.ts";
import type { Progress } from "./progress.ts";
import type { RetryWorld } from "./with-retries.ts";

export interface TransferWorld {
  readonly resolve: Resolve;
  readonly send: Send;
  readonly retry: RetryWorld;
  readonly progress: Progress;
  readonly now: () => Date;
  /** How long an upload that was cut off before waits for an early refusal, when it begins again. */
  readonly patienceMilliseconds: number;
}
