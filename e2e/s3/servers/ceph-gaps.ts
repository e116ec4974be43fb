/** Where Ceph's gateway 20.2 differs from S3. */
import type { Gap } from "./s3-server.ts";

const UNNAMED_CHECKSUM =
  "checksums are looked at only where `x-amz-sdk-checksum-algorithm` names one, as s3r does ([rgw_cksum_pipe.h](https://github.com/ceph/ceph/blob/main/src/rgw/rgw_cksum_pipe.h)); with curl, send it too";

const UNCHECKED = { status: 200, head: 200, kept: undefined };

export const CEPH_GAPS: readonly Gap[] = [
  { behaviour: "keeps a CRC32", observed: UNCHECKED, evidence: UNNAMED_CHECKSUM },
  { behaviour: "keeps a SHA-256", observed: UNCHECKED, evidence: UNNAMED_CHECKSUM },
  { behaviour: "refuses a wrong CRC32", observed: UNCHECKED, evidence: UNNAMED_CHECKSUM },
  { behaviour: "refuses a wrong SHA-256", observed: UNCHECKED, evidence: UNNAMED_CHECKSUM },
  {
    behaviour: "is 404 NoSuchUpload after Abort",
    observed: [204, "404 NoSuchKey"],
    evidence: "it answers ListParts of an unknown upload with NoSuchKey",
  },
  {
    behaviour: "is 404 NoSuchUpload when there is no such upload any more",
    observed: "500 InternalError",
    evidence: "it answers Complete of an aborted upload with 500 InternalError, and a client tries again for nothing",
  },
  {
    behaviour: "refuses parts in another order",
    observed: "200",
    evidence: "it takes the list in any order",
  },
  {
    behaviour: "refuses another size than x-amz-mp-object-size",
    observed: [200, 200],
    evidence:
      "it does not know the header: a policy's `maxBytes` bounds each part there, and not the sum of an upload's parts",
  },
];
