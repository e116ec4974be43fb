/** For tests: a clock that stands still until it is moved. */
export interface Clock {
  readonly now: () => Date;
  readonly advance: (seconds: number) => void;
}

/** Starts at the second, as certificates and tokens know it. */
export function createClock(): Clock {
  let time = Math.floor(Date.now() / 1000) * 1000;
  return {
    now: () => new Date(time),
    advance: (seconds) => void (time += seconds * 1000),
  };
}
