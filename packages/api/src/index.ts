/** The public surface of the API: the function, whom it lets do what, and the Node server around it. */
export type { AccessLogEntry } from "./access-record.ts";
export { createNodeServer } from "./adapters/node.ts";
export { createApp } from "./app.ts";
export type { App, AppOptions } from "./app.ts";
export { createAuthenticate } from "./auth/authenticate.ts";
export type { Authenticate } from "./auth/authenticate.ts";
export type { Claims, Principal } from "./auth/principal.ts";
export { parsePolicy } from "./policy/parse-policy.ts";
export type { ParsedPolicy } from "./policy/parse-policy.ts";
export type { Policy } from "./policy/policy.ts";
export type { Bucket } from "./sign/bucket.ts";
export type { Credentials, CredentialsProvider } from "./sign/credentials.ts";
