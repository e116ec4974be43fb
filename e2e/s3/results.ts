/** What a run has found, as it is kept for the compatibility page. */
export type Subject =
  | "GetObject"
  | "HeadObject"
  | "PutObject"
  | "DeleteObject"
  | "ListObjectsV2"
  | "CreateMultipartUpload"
  | "UploadPart"
  | "ListParts"
  | "CompleteMultipartUpload"
  | "AbortMultipartUpload"
  | "Presigned URL"
  | "Keys"
  | "s3r";

export type Outcome = "pass" | "refused by design" | "gap";

export interface CheckResult {
  readonly subject: Subject;
  readonly behaviour: string;
  /** As S3 documents it, answered by the API itself, or not as S3 does. */
  readonly outcome: Outcome;
  /** Of a gap. */
  readonly evidence?: string;
}

export interface Results {
  /** The name that `test:s3` knows. */
  readonly server: string;
  readonly title: string;
  readonly homepage: string;
  readonly version: string;
  readonly checks: readonly CheckResult[];
}

/** Of one run. */
export interface Run {
  /** Those that passed, a known gap that was found as declared among them. */
  readonly passed: readonly CheckResult[];
  readonly failed: readonly CheckResult[];
}
