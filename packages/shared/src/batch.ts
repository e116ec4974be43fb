/**
 * `POST /.s3r/sign`: the same requests with the same answers, many at once. One meaning, two
 * transports: each entry is what the client would have sent as a request of its own.
 */
import type { Problem } from "./error-code.ts";

export interface SignRequest {
  readonly method: string;
  /** The request target: the percent-encoded key with a leading `/`, and its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SignedAnswer {
  readonly status: 307;
  /** The presigned URL. */
  readonly location: string;
  /** What must be sent with it, lower-case names; `host` is not among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly expiresIn: number;
}

export interface RefusedAnswer {
  readonly status: number;
  readonly problem: Problem;
}

export interface SignBatch {
  readonly requests: readonly SignRequest[];
}

export interface SignBatchAnswer {
  /** One for each request, in their order. */
  readonly responses: readonly (SignedAnswer | RefusedAnswer)[];
}
