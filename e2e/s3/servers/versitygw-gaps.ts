/** Where VersityGW 1.8.0, with its POSIX backend, differs from S3. */
import type { Gap } from "./s3-server.ts";

const SOURCE = "https://github.com/versity/versitygw/blob/v1.8.0";

export const VERSITYGW_GAPS: readonly Gap[] = [
  {
    behaviour: "is 304 for If-Modified-Since with its date, and HEAD too",
    observed: [200, 200],
    evidence: `the header's whole seconds are compared with the file's nanoseconds, so that its own Last-Modified is always older ([backend/common.go](${SOURCE}/backend/common.go#L658))`,
  },
  {
    behaviour: "of a PUT refuses an Authorization header beside it",
    observed: [200, 200],
    evidence: `the URL decides and the header is not looked at ([presign-auth.go](${SOURCE}/s3api/middlewares/presign-auth.go)); a client that forwards its token gives it to the store unnoticed`,
  },
  {
    behaviour: "refuses a signature by another secret, and an unknown key",
    observed: ["403 SignatureDoesNotMatch", "404 XAdminUserNotFound"],
    evidence: "it answers an unknown access key with 404 XAdminUserNotFound while the root account is its only one",
  },
  {
    behaviour: "of 1,024 bytes in one segment are put, read, listed and deleted as they are",
    observed: [500, 400, false, false, 400],
    evidence: "a segment is a file name, of at most 255 bytes on most file systems; it answers the PUT with 500",
  },
  {
    behaviour: "that are each other's prefix are two objects (`a` and `a/b`)",
    observed: [200, 409, "a", 404],
    evidence:
      "a file cannot be a directory, too: ObjectParentIsFile ([#814](https://github.com/versity/versitygw/issues/814), [#137](https://github.com/versity/versitygw/issues/137))",
  },
];
