/** When an issuer's keys are fetched: seldom, once at a time, and never because a client wants it often. */
import { ProtocolError } from "@s3r/shared";
import { FAILURE_COOLDOWN_SECONDS, issuerTrouble } from "./issuer-trouble.ts";

const FRESH_SECONDS = 600;
/** How old keys may be when there are no newer ones: long enough for an outage, short enough for a withdrawn key. */
const STALE_SECONDS = 3600;
/** Between fetches that tokens with an unknown key cause, as `jose` has it: anyone can make such tokens. */
const NEWER_COOLDOWN_SECONDS = 30;

export interface KeyCache<Keys> {
  /** Fresh ones, or old ones when there are no better. @throws what `load` threw. */
  readonly current: () => Promise<Keys>;
  /** Ones fetched for this call, or undefined when it is too soon for that. @throws what `load` threw. */
  readonly newer: () => Promise<Keys | undefined>;
}

interface Attempt {
  readonly at: Date;
  readonly failure?: ProtocolError;
}

/** A clock that was set back makes things old, not young. */
function isWithin(seconds: number, since: Date | undefined, now: Date): boolean {
  const elapsed = since === undefined ? -1 : now.getTime() - since.getTime();
  return elapsed >= 0 && elapsed < seconds * 1000;
}

/** @param load fails with ProtocolError ServiceUnavailable; any other error is a bug, and passes. */
export function createKeyCache<Keys>(load: () => Promise<Keys>, now: () => Date): KeyCache<Keys> {
  let loaded: { readonly keys: Keys; readonly at: Date } | undefined;
  let attempt: Attempt | undefined;
  let underWay: Promise<void> | undefined;

  function keysWithin(seconds: number): Keys | undefined {
    return isWithin(seconds, loaded?.at, now()) ? loaded?.keys : undefined;
  }

  async function attemptLoad(): Promise<void> {
    try {
      loaded = { keys: await load(), at: now() };
      attempt = { at: now() };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      attempt = { at: now(), failure: error };
    }
  }

  /** Joins the load that is under way; else starts one, unless the last was `cooldown` seconds ago or less. */
  async function refresh(cooldown: number): Promise<"loaded" | "too soon"> {
    const seconds = attempt?.failure === undefined ? cooldown : FAILURE_COOLDOWN_SECONDS;
    if (underWay === undefined && isWithin(seconds, attempt?.at, now())) return "too soon";
    underWay ??= attemptLoad().finally(() => (underWay = undefined));
    await underWay;
    return "loaded";
  }

  async function current(): Promise<Keys> {
    const fresh = keysWithin(FRESH_SECONDS);
    if (fresh !== undefined) return fresh;
    // One request waits for the issuer; the others need not, as long as the old keys will do.
    const old = keysWithin(STALE_SECONDS);
    if (old !== undefined && underWay !== undefined) return old;
    await refresh(0);
    const best = keysWithin(STALE_SECONDS);
    if (best === undefined) throw attempt?.failure ?? issuerTrouble("the clock was set back while the keys came");
    return best;
  }

  async function newer(): Promise<Keys | undefined> {
    const outcome = await refresh(NEWER_COOLDOWN_SECONDS);
    if (attempt?.failure !== undefined) throw attempt.failure;
    return outcome === "loaded" ? keysWithin(FRESH_SECONDS) : undefined;
  }

  return { current, newer };
}
