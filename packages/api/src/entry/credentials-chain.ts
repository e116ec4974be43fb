import { defaultProvider } from "@aws-sdk/credential-provider-node";
import type { CredentialsProvider } from "../sign/credentials.ts";

/**
 * The AWS SDK's own chain: environment, shared config and SSO, web identity, container and instance
 * roles. It caches, and renews what expires.
 * https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html
 */
export function createCredentialsChain(): CredentialsProvider {
  return defaultProvider();
}
