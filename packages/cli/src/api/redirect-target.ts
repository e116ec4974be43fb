/** Where an API may send its client: an absolute https URL, or one on this machine if the API is there too. */
import { CliError } from "../cli-error.ts";
import { isLoopbackHost } from "../loopback-host.ts";

function unsafe(reason: string): never {
  throw new CliError("UnsafeServer", "the API's redirect cannot be followed", {
    reason,
    hint: "check that the endpoint is an s3r API, and its store's address",
  });
}

/** A URL parser resolves dot segments, escaped or not: the signature would be for another path. */
function hasDotSegment(path: string): boolean {
  return /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/iu.test(path);
}

/** @throws CliError UnsafeServer; the URL itself is a secret and not in the message. */
export function parseRedirectTarget(location: string | undefined, endpoint: URL): URL {
  if (location === undefined) return unsafe("it names no Location");
  const url = URL.parse(location);
  if (url === null) return unsafe("its Location is not an absolute URL");
  if (url.username !== "" || url.password !== "") return unsafe("its Location holds credentials");
  if (hasDotSegment(location.split(/[?#]/u)[0] ?? ""))
    return unsafe("its Location has a `.` or `..` segment, which would become another path");
  const localStore = url.protocol === "http:" && isLoopbackHost(url.hostname);
  if (url.protocol !== "https:" && !localStore)
    return unsafe(`its Location is not https but ${url.protocol}//${url.host}`);
  if (localStore && !isLoopbackHost(endpoint.hostname))
    return unsafe(`a remote API points at this machine (${url.host})`);
  return url;
}
