/** What a request says that the client will repeat at S3. */
import { announcedLength, mirrorHeaders, type Operation } from "@s3r/shared";
import type { Announcement } from "./policy/check-limits.ts";

/** @throws ProtocolError as `mirrorHeaders` does. */
export function announce(operation: Operation, headers: Headers): Announcement {
  const contentLength = announcedLength(headers);
  return { headers: mirrorHeaders(operation, headers), ...(contentLength === undefined ? {} : { contentLength }) };
}
