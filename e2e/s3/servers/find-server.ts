import { CEPH } from "./ceph.ts";
import { DEV } from "./dev.ts";
import { ENV } from "./env.ts";
import type { S3Server } from "./s3-server.ts";
import { VERSITYGW } from "./versitygw.ts";

/** In the order of the compatibility page. */
export const SERVERS: Readonly<Record<string, S3Server>> = { versitygw: VERSITYGW, ceph: CEPH, dev: DEV, env: ENV };

/** @throws Error that names those that there are. */
export function findServer(name: string): S3Server {
  const server = Object.hasOwn(SERVERS, name) ? SERVERS[name] : undefined;
  if (server === undefined)
    throw new Error(`there is no server \`${name}\`: it is one of ${Object.keys(SERVERS).join(", ")}`);
  return server;
}
