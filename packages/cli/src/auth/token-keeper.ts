/** Keeps the token of one source, and fetches another one before it expires or when it is refused. Concurrent callers share what is fetched. */
import { CliError } from "../cli-error.ts";
import type { Credential, TokenSource } from "./token-source.ts";

export interface TokenKeeper {
  /** @throws CliError of the source, or Unauthenticated for a token that has certainly expired. */
  readonly credential: () => Promise<Credential>;
  /** Told of one that the API has taken. */
  readonly accept: (credential: Credential) => void;
  /** Told of one that the API has refused. @returns whether there is another one now. */
  readonly replace: (refused: Credential) => Promise<boolean>;
}

export interface TokenKeeperOptions {
  readonly now: () => Date;
  readonly trace: (line: string) => void;
}

/** What a request that begins now may take until the API looks at its token. */
const MARGIN_MILLISECONDS = 60_000;

/** After an issuer has failed, for as long as the old token is still good. */
const PATIENCE_MILLISECONDS = 10_000;

/** As much does the API forgive a clock that goes wrong: what is older has expired for certain. */
const TOLERANCE_MILLISECONDS = 60_000;

/** One that lives for less than two minutes is kept for the first half of them. */
function isDue({ expiresAt, obtainedAt }: Credential, now: Date): boolean {
  if (expiresAt === undefined) return false;
  const margin = Math.min(MARGIN_MILLISECONDS, (expiresAt.getTime() - obtainedAt.getTime()) / 2);
  return now.getTime() >= expiresAt.getTime() - margin;
}

function isOlder({ expiresAt }: Credential, now: Date, tolerance: number): boolean {
  return expiresAt !== undefined && now.getTime() > expiresAt.getTime() + tolerance;
}

function expired({ name, remedy }: TokenSource, { expiresAt }: Credential): CliError {
  return new CliError("Unauthenticated", `the token from ${name} has expired`, {
    reason: `it was good until ${expiresAt?.toISOString() ?? "a while ago"}`,
    hint: remedy,
  });
}

export function createTokenKeeper(source: TokenSource, { now, trace }: TokenKeeperOptions): TokenKeeper {
  const accepted = new WeakSet<Credential>();
  let current: Credential | undefined;
  let pending: Promise<Credential> | undefined;
  /** When an issuer that has failed is asked again. */
  let askAgainAt = 0;

  async function load(): Promise<Credential> {
    try {
      const loaded = await source.load();
      // A file that has not changed brings the same token, which stays as accepted as it was.
      if (current?.authorization !== loaded.authorization) current = loaded;
      return current;
    } finally {
      pending = undefined;
    }
  }

  async function renew(): Promise<Credential> {
    pending ??= load();
    return await pending;
  }

  async function renewInTime(old: Credential): Promise<Credential> {
    try {
      return await renew();
    } catch (error) {
      if (!(error instanceof CliError) || isOlder(old, now(), 0)) throw error;
      askAgainAt = now().getTime() + PATIENCE_MILLISECONDS;
      trace(`no new token from ${source.name} (${error.reason ?? error.message}): the old one is still good`);
      return old;
    }
  }

  function isGood(kept: Credential): boolean {
    if (!source.canRefresh || !isDue(kept, now())) return true;
    return now().getTime() < askAgainAt && !isOlder(kept, now(), 0);
  }

  async function keepOrRenew(kept: Credential | undefined): Promise<Credential> {
    if (kept === undefined) return await renew();
    return isGood(kept) ? kept : await renewInTime(kept);
  }

  async function credential(): Promise<Credential> {
    const used = await keepOrRenew(current);
    if (isOlder(used, now(), TOLERANCE_MILLISECONDS)) throw expired(source, used);
    return used;
  }

  /** One that was never accepted is not refused for its age, and neither would the next one be accepted. */
  async function replace(refused: Credential): Promise<boolean> {
    if (!source.canRefresh || !accepted.has(refused)) return false;
    // Another request may have been refused, and have replaced it, before.
    return current !== refused || (await renew()) !== refused;
  }
  return { credential, replace, accept: (used) => void accepted.add(used) };
}
