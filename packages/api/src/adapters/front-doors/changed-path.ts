/** Refuses a request whose path the front door shows in two ways that do not agree: one of them is another key. */
import { ProtocolError } from "@s3r/shared";
import { FrontDoorError } from "./front-door-error.ts";

export function changedPath(): ProtocolError {
  return new ProtocolError(
    "InvalidKey",
    "the gateway in front of this API has changed the key on its way here: send it in the body of `POST /.s3r/sign`",
  );
}

/**
 * Holds a path against what the route `/{proxy+}` has captured: all of it, but for a slash at the end
 * (localstack/localstack, recorded at AWS: `/a/` has `proxy: "a"`).
 * @param path with the base path taken off, and in the spelling of `proxy`.
 * @throws ProtocolError InvalidKey when they differ. FrontDoorError when there is more before the key than was configured.
 */
export function requireProxyPath(path: string, proxy: string): void {
  const captured = `/${proxy}`;
  if (path === captured || path === `${captured}/`) return;
  const before = path.endsWith(captured) ? path.slice(0, -captured.length) : "";
  if (!/^(?:\/[^/]+)+$/u.test(before)) throw changedPath();
  throw new FrontDoorError(
    `the paths of events begin with \`${before}\`, which is no part of a key: set S3R_BASE_PATH to it`,
  );
}
