/** The limits of S3 and of this wire. Sizes are in bytes. */

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html: 1,024 bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html: one PUT carries at most 5 GiB. */
export const MAX_SINGLE_PUT_BYTES = 5 * 1024 ** 3;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: part numbers are 1 to 10,000. */
export const MAX_PART_NUMBER = 10_000;

/** Same page: every part but the last has at least 5 MiB. */
export const MIN_PART_BYTES = 5 * 1024 ** 2;

/** Same page: ListObjectsV2 and ListParts answer at most 1,000 entries a page. */
export const MAX_PAGE_ENTRIES = 1000;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html: SigV4 URLs live at most 7 days. */
export const MAX_EXPIRES_IN_SECONDS = 604_800;

/** How long a presigned URL lives unless the deployment says otherwise. */
export const DEFAULT_EXPIRES_IN_SECONDS = 300;

/** The longest request target that is looked at: a key of 1,024 bytes, every one of them escaped, and its query. */
export const MAX_TARGET_LENGTH = 8192;

/** How many requests one `POST /.s3r/sign` may hold. */
export const MAX_BATCH_REQUESTS = 1000;

/** How large the body of `POST /.s3r/sign` may be: 1,000 requests of 4 KiB. */
export const MAX_BATCH_BODY_BYTES = 4 * 1024 ** 2;
