/**
 * How many lanes are worth having: more while that brings more bytes a second, those from before where it does not, and half
 * when a server asks for less (additive increase, multiplicative decrease, as RFC 5681 3.1 has it for windows).
 */

export interface LaneLimit {
  readonly value: number;
  /** @param isFull whether work is waiting for a lane: otherwise the bytes say nothing of whether more lanes would help. */
  moved(bytes: number, isFull: boolean): void;
  /** A server asked for patience. */
  throttled(): void;
}

export interface LaneLimitOptions {
  /** How many at first. */
  readonly initial: number;
  /** Never more; when it is the initial one too, only throttling changes the number. */
  readonly maximum: number;
  /** Milliseconds; any origin. */
  readonly now: () => number;
}

/** Shorter ones measure the noise of the network. */
const SAMPLE_MILLISECONDS = 1000;
/** More lanes have to bring this much more, or they are given back. */
const WORTHWHILE = 1.05;
/** One throttled answer seldom comes alone, and each of a volley must not halve. */
const VOLLEY_MILLISECONDS = 1000;
/** After lanes were found not to help, or a server asked for less, nothing is tried for so many samples. */
const REST_SAMPLES = 10;

export function createLaneLimit({ initial, maximum, now }: LaneLimitOptions): LaneLimit {
  let value = Math.min(initial, maximum);
  let sample = { started: now(), bytes: 0 };
  let before: { readonly rate: number; readonly value: number } | undefined;
  let rest = 0;
  let throttledAt = Number.NEGATIVE_INFINITY;

  function adapt(rate: number): void {
    if (rest > 0) {
      rest -= 1;
    } else if (before !== undefined && rate < before.rate * WORTHWHILE) {
      value = before.value;
      before = undefined;
      rest = REST_SAMPLES;
    } else {
      const grown = Math.min(maximum, value + Math.max(1, Math.floor(value / 2)));
      before = grown > value ? { rate, value } : undefined;
      value = grown;
    }
  }

  return {
    get value() {
      return value;
    },
    moved(bytes, isFull) {
      sample.bytes += bytes;
      const elapsed = now() - sample.started;
      if (elapsed < SAMPLE_MILLISECONDS) return;
      if (isFull) adapt(sample.bytes / elapsed);
      else before = undefined;
      sample = { started: now(), bytes: 0 };
    },
    throttled() {
      if (now() - throttledAt < VOLLEY_MILLISECONDS) return;
      throttledAt = now();
      value = Math.max(1, Math.floor(value / 2));
      before = undefined;
      rest = REST_SAMPLES;
    },
  };
}
