/** What every transfer works with: who signs, who moves bytes, how patiently, how many at once, and who is told. */
import type { Resolve } from "../api/resolve.ts";
import type { SignBatch } from "../api/sign-batch.ts";
import type { Send } from "../s3/send.ts";
import type { Lanes } from "./lanes.ts";
import type { Progress } from "./progress.ts";
import type { RetryWorld } from "./with-retries.ts";

export interface TransferWorld {
  /** Whom it is signed by: an unfinished transfer goes on with the same one only. */
  readonly endpoint: URL;
  /** Where unfinished transfers are remembered; nothing when they are not. */
  readonly stateDirectory: string | undefined;
  readonly resolve: Resolve;
  readonly signBatch: SignBatch;
  readonly send: Send;
  readonly retry: RetryWorld;
  readonly lanes: Lanes;
  readonly progress: Progress;
  readonly now: () => Date;
  /** How long an upload that was cut off before waits for an early refusal, when it begins again. */
  readonly patienceMilliseconds: number;
}
