/** One for the process: many transfers that fail together must not multiply into a storm (botocore's "retry quota"). */
export interface RetryBudget {
  /** Whether another retry is affordable; takes its price if so. */
  take(): boolean;
  /** A success gives a little back. */
  refund(): void;
}

const CAPACITY = 500;
const RETRY_PRICE = 5;
const REFUND = 1;

export function createRetryBudget(): RetryBudget {
  let tokens = CAPACITY;
  return {
    take() {
      if (tokens < RETRY_PRICE) return false;
      tokens -= RETRY_PRICE;
      return true;
    },
    refund() {
      tokens = Math.min(CAPACITY, tokens + REFUND);
    },
  };
}
