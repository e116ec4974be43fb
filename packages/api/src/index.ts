/** The public surface of the API: the function, and the Node server around it. */
export { createNodeServer } from "./adapters/node.ts";
export { createApp } from "./app.ts";
export type { App, AppOptions } from "./app.ts";
export type { Bucket } from "./sign/bucket.ts";
export type { Credentials, CredentialsProvider } from "./sign/credentials.ts";
