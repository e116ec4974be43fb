import type { SignedRequest } from "../api/resolve.ts";
import type { TransferWorld } from "./transfer-world.ts";
import { usableUntil, type SignedAhead } from "./signed-ahead.ts";

/** One presigned URL for many requests: Range and If-Match are not signed, so all ranges of an object share it while it is fresh. */
export interface SharedSignature {
  get(): Promise<SignedRequest>;
  /** After a request with it has failed: whoever comes first asks anew, for all. */
  replace(failed: SignedRequest): void;
}

export function createSharedSignature(
  key: string,
  { resolve, now }: Pick<TransferWorld, "resolve" | "now">,
  first?: SignedAhead,
): SharedSignature {
  let shared: Promise<SignedAhead> | undefined = first === undefined ? undefined : Promise.resolve(first);
  let current: SignedRequest | undefined = first?.signed;

  async function ask(): Promise<SignedAhead> {
    const at = now().getTime();
    const signed = await resolve({ name: "GetObject", key, query: {} }, { "x-amz-checksum-mode": "ENABLED" });
    current = signed;
    return { signed, at };
  }

  return {
    async get() {
      const asked = (shared ??= ask());
      try {
        const ahead = await asked;
        if (now().getTime() < usableUntil(ahead)) return ahead.signed;
        if (shared === asked) shared = ask();
        return (await shared).signed;
      } catch (error) {
        // What failed is not to be shared with those who come later.
        shared = undefined;
        throw error;
      }
    },
    replace(failed) {
      if (current === failed) shared = undefined;
    },
  };
}
