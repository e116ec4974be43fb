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
import type { PresignedRequest } from "../sign/presign.ts";
import { readJsonBody } from "./read-json-body.ts";

/** Signs one request, given as it would have come over the wire. */
export type SignOne = (method: string, target: string, headers: Headers) => Promise<PresignedRequest>;

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

/**
 * Answers each entry with the presigned request or with its problem, in the order of the entries.
 * @throws ProtocolError for a body that is no batch, and whatever `signOne` throws but ProtocolError.
 */
export async function signBatch(request: Request, signOne: SignOne, requestId: string): Promise<SignBatchAnswer> {
  const { requests } = parseSignBatch(await readJsonBody(request, MAX_BATCH_BODY_BYTES));

  async function answer({ method, path, headers }: SignRequest): Promise<SignedAnswer | RefusedAnswer> {
    try {
      const signed = await signOne(method, path, toHeaders(headers ?? {}));
      return { status: 307, location: signed.url, headers: signed.headers, expiresIn: signed.expiresIn };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return { status: error.status, problem: toProblem(error, requestId) };
    }
  }

  return { responses: await Promise.all(requests.map(answer)) };
}
