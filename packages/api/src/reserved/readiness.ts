/** Whether requests should be sent here: an API that is alive but cannot sign, or is about to end, has no use for them. */
import { ProtocolError } from "@s3r/shared";
import { grantCredentials, type CredentialsProvider } from "../sign/credentials.ts";

export interface ReadinessOptions {
  readonly credentials: CredentialsProvider;
  readonly now: () => Date;
  readonly isStopping?: () => boolean;
}

/**
 * Answers what keeps it from being ready, if that is meant to be so.
 * @throws ProtocolError ServiceUnavailable for what is not: no credentials.
 */
export type CheckReady = () => Promise<ProtocolError | undefined>;

export function createReadiness({ credentials, now, isStopping }: ReadinessOptions): CheckReady {
  let looking: Promise<unknown> | undefined;

  /** Whoever asks meanwhile waits for the same: looking for credentials may take seconds, and anyone may ask. */
  async function findCredentials(): Promise<void> {
    looking ??= grantCredentials(credentials, 1, now()).finally(() => {
      looking = undefined;
    });
    await looking;
  }

  return async function checkReady() {
    if (isStopping?.() === true) return new ProtocolError("ServiceUnavailable", "this instance of the API is stopping");
    await findCredentials();
    return undefined;
  };
}
