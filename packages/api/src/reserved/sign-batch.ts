/** `POST /.s3r/sign`: many requests signed at once, each as if it had come alone. */
import {
  MAX_BATCH_BODY_BYTES,
  MAX_BATCH_REQUESTS,
  ProtocolError,
  toProblem,
  type RefusedAnswer,
  type SignBatch,
  type SignBatchAnswer,
  type SignedAnswer,
  type SignRequest,
} from "@s3r/shared";
import * as v from "valibot";
import type { Principal } from "../auth/principal.ts";
import type { PresignedRequest } from "../sign/presign.ts";
import { readJsonBody } from "./read-json-body.ts";

/** One request of a batch, as it would have come over the wire. */
interface EntryRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
}

/** Where an entry stands: in the batch of which request, and where in it. */
interface EntryPlace {
  readonly requestId: string;
  /** From 0. */
  readonly batch: number;
}

/** Decides on one request, and signs it. */
export type SignAs = (principal: Principal, request: EntryRequest, place: EntryPlace) => Promise<PresignedRequest>;

const signBatchSchema = v.strictObject({
  requests: v.pipe(
    v.array(
      v.strictObject({
        method: v.string(),
        path: v.string(),
        headers: v.optional(v.record(v.string(), v.string()), {}),
      }),
    ),
    v.minLength(1, "must hold at least one request"),
    v.maxLength(MAX_BATCH_REQUESTS, `must hold at most ${MAX_BATCH_REQUESTS} requests`),
  ),
});

function parseSignBatch(body: unknown): SignBatch {
  const parsed = v.safeParse(signBatchSchema, body);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue) ?? "the body";
  throw new ProtocolError("InvalidRequest", `\`${path}\`: ${issue.message}`);
}

function toHeaders(record: Readonly<Record<string, string>>): Headers {
  try {
    return new Headers(record);
  } catch (cause) {
    throw new ProtocolError("InvalidHeader", "a header's name or value cannot be sent over HTTP", { cause });
  }
}

export interface SignBatchOptions {
  readonly principal: Principal;
  readonly signAs: SignAs;
  readonly requestId: string;
}

/**
 * Answers each entry with the presigned request or with its problem, in the order of the entries.
 * @throws ProtocolError for a body that is no batch, and for what is the API's own failure.
 */
export async function signBatch(request: Request, options: SignBatchOptions): Promise<SignBatchAnswer> {
  const { principal, signAs, requestId } = options;
  const { requests } = parseSignBatch(await readJsonBody(request, MAX_BATCH_BODY_BYTES));

  async function answer({ method, path, headers }: SignRequest, batch: number): Promise<SignedAnswer | RefusedAnswer> {
    try {
      const signed = await signAs(principal, { method, path, headers: toHeaders(headers ?? {}) }, { requestId, batch });
      return { status: 307, location: signed.url, headers: signed.headers, expiresIn: signed.expiresIn };
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code === "InternalError") throw error;
      return { status: error.status, problem: toProblem(error, requestId) };
    }
  }

  return { responses: await Promise.all(requests.map(answer)) };
}
