/** Which operation a request is: by its method, by whether it names an object, and by S3's sub-resources in the query. */
import { S3Error } from "../s3-error.ts";
import type { S3Answer, S3Request } from "../s3-request.ts";
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
} from "./buckets.ts";
import { completeMultipartUpload } from "./complete-multipart-upload.ts";
import type { OperationContext } from "./context.ts";
import { deleteObject, deleteObjects } from "./delete-object.ts";
import { getObject } from "./get-object.ts";
import { listObjects } from "./list-objects.ts";
import {
  abortMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from "./multipart-upload.ts";
import { putObject } from "./put-object.ts";

type Perform = (context: OperationContext, request: S3Request) => S3Answer | Promise<S3Answer>;

interface Row {
  readonly method: string;
  readonly scope: "service" | "bucket" | "object";
  /** The sub-resources that must be there, of all that S3 knows. */
  readonly subresources: readonly string[];
  readonly perform: Perform;
}

const ROWS: readonly Row[] = [
  { method: "GET", scope: "service", subresources: [], perform: listBuckets },
  { method: "PUT", scope: "bucket", subresources: [], perform: createBucket },
  { method: "HEAD", scope: "bucket", subresources: [], perform: headBucket },
  { method: "DELETE", scope: "bucket", subresources: [], perform: deleteBucket },
  { method: "GET", scope: "bucket", subresources: [], perform: listObjects },
  { method: "GET", scope: "bucket", subresources: ["location"], perform: getBucketLocation },
  { method: "GET", scope: "bucket", subresources: ["versioning"], perform: getBucketVersioning },
  { method: "GET", scope: "bucket", subresources: ["uploads"], perform: listMultipartUploads },
  { method: "POST", scope: "bucket", subresources: ["delete"], perform: deleteObjects },
  { method: "GET", scope: "object", subresources: [], perform: getObject },
  { method: "HEAD", scope: "object", subresources: [], perform: getObject },
  { method: "PUT", scope: "object", subresources: [], perform: putObject },
  { method: "DELETE", scope: "object", subresources: [], perform: deleteObject },
  { method: "POST", scope: "object", subresources: ["uploads"], perform: createMultipartUpload },
  { method: "PUT", scope: "object", subresources: ["partNumber", "uploadId"], perform: uploadPart },
  { method: "GET", scope: "object", subresources: ["uploadId"], perform: listParts },
  { method: "POST", scope: "object", subresources: ["uploadId"], perform: completeMultipartUpload },
  { method: "DELETE", scope: "object", subresources: ["uploadId"], perform: abortMultipartUpload },
];

/** A request with one of these is about something else than the plain object or bucket. */
const SUBRESOURCES: ReadonlySet<string> = new Set([
  ...ROWS.flatMap((row) => row.subresources),
  "accelerate",
  "acl",
  "analytics",
  "attributes",
  "cors",
  "encryption",
  "intelligent-tiering",
  "inventory",
  "legal-hold",
  "lifecycle",
  "logging",
  "metrics",
  "notification",
  "object-lock",
  "ownershipControls",
  "policy",
  "policyStatus",
  "publicAccessBlock",
  "replication",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "tagging",
  "torrent",
  "versions",
  "website",
]);

function scopeOf({ bucket, key }: S3Request): Row["scope"] {
  if (bucket === "") return "service";
  return key === "" ? "bucket" : "object";
}

function notFound({ method }: S3Request, present: readonly string[]): never {
  if (present.length > 0 || method === "POST") {
    throw new S3Error(
      "NotImplemented",
      `The dev store does not implement ${method} with ${present.join(", ") || "no sub-resource"}.`,
    );
  }
  throw new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.");
}

/** @throws S3Error NotImplemented, MethodNotAllowed or NoSuchBucket, and what the operation throws. */
export async function performOperation(context: OperationContext, request: S3Request): Promise<S3Answer> {
  const scope = scopeOf(request);
  const present = [...request.query.keys()].filter((name) => SUBRESOURCES.has(name));
  const row = ROWS.find(
    (each) =>
      each.method === request.method &&
      each.scope === scope &&
      each.subresources.length === present.length &&
      each.subresources.every((name) => present.includes(name)),
  );
  if (row === undefined) return notFound(request, present);
  if (scope !== "service" && row.perform !== createBucket && !context.storage.buckets().has(request.bucket)) {
    throw new S3Error("NoSuchBucket", "The specified bucket does not exist", {
      elements: { BucketName: request.bucket },
    });
  }
  return await row.perform(context, request);
}
