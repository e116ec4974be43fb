/** The signer's credentials, renewed before they run out. Where they come from is the caller's business. */
import { ProtocolError } from "@s3r/shared";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Absent for credentials that do not expire. */
  readonly expiration?: Date;
}

/** As the AWS SDK's providers are called: they cache, unless told otherwise. */
export type CredentialsProvider = (options?: { readonly forceRefresh?: boolean }) => Promise<Credentials>;

/** A presigned URL dies with the credentials that signed it, so it is never promised the last seconds of them. */
const EXPIRY_MARGIN_SECONDS = 30;

export interface SigningGrant {
  readonly credentials: Credentials;
  /** Seconds, at least 1. */
  readonly expiresIn: number;
}

function remainingSeconds(credentials: Credentials, now: Date): number {
  if (credentials.expiration === undefined) return Number.POSITIVE_INFINITY;
  return Math.floor((credentials.expiration.getTime() - now.getTime()) / 1000) - EXPIRY_MARGIN_SECONDS;
}

async function load(provider: CredentialsProvider, forceRefresh: boolean): Promise<Credentials> {
  try {
    return await provider(forceRefresh ? { forceRefresh } : undefined);
  } catch (cause) {
    throw new ProtocolError("ServiceUnavailable", "the API has no credentials to sign with: its operator must look", {
      cause,
      headers: { "retry-after": "30" },
    });
  }
}

/**
 * Credentials that outlive `expiresIn` seconds where that can be had, and the expiry that they allow:
 * a URL is dead once they are, whatever its own expiry says.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
 * @throws ProtocolError ServiceUnavailable when there are none, or none with life left.
 */
export async function grantCredentials(
  provider: CredentialsProvider,
  expiresIn: number,
  now: Date,
): Promise<SigningGrant> {
  const cached = await load(provider, false);
  const credentials = remainingSeconds(cached, now) >= expiresIn ? cached : await load(provider, true);
  const remaining = remainingSeconds(credentials, now);
  if (remaining < 1) {
    throw new ProtocolError("ServiceUnavailable", "the API's credentials have expired: its operator must look", {
      headers: { "retry-after": "30" },
    });
  }
  return { credentials, expiresIn: Math.min(expiresIn, remaining) };
}
