/**
 * The API as a function from a request to its answer: route → presign → redirect. It carries no
 * object, opens no connection to S3 and keeps no state; sockets and events are the adapters' business.
 */
import { randomUUID } from "node:crypto";
import { mirrorHeaders, parseRoute, ProtocolError, type Operation } from "@s3r/shared";
import { corsHeaders, preflightAnswer, type CorsOrigins } from "./answer/cors.ts";
import { problemAnswer } from "./answer/problem-answer.ts";
import { redirectAnswer } from "./answer/redirect-answer.ts";
import { answerReserved, isReservedTarget } from "./reserved/reserved-routes.ts";
import type { Bucket } from "./sign/bucket.ts";
import type { CredentialsProvider } from "./sign/credentials.ts";
import { createPresigner, type PresignedRequest } from "./sign/presign.ts";

export interface AppOptions {
  readonly bucket: Bucket;
  readonly credentials: CredentialsProvider;
  /** Seconds that a presigned URL lives at most. */
  readonly expiresIn: number;
  readonly corsOrigins: CorsOrigins;
  readonly now: () => Date;
  /** Told of what the client is not: errors that are the API's own. */
  readonly onError: (error: unknown, requestId: string) => void;
}

/**
 * @param target the request target as it came over the wire. To be given wherever it is known: a
 *   `Request` holds a URL that has been parsed, in which `/a/../b` has already become another key.
 */
export type App = (request: Request, target?: string) => Promise<Response>;

function parsedTarget(request: Request): string {
  const { pathname, search } = new URL(request.url);
  return pathname + search;
}

function toProtocolError(error: unknown): ProtocolError {
  return error instanceof ProtocolError
    ? error
    : new ProtocolError(
        "InternalError",
        "the API failed: try again, and tell its operator the request id if it stays",
        {
          cause: error,
        },
      );
}

export function createApp({ bucket, credentials, expiresIn, corsOrigins, now, onError }: AppOptions): App {
  const presign = createPresigner({ bucket, credentials, expiresIn, now });

  interface Signed {
    readonly operation: Operation;
    readonly presigned: PresignedRequest;
  }

  /** What was asked is checked and signed as one value; nothing else reads the path. */
  async function sign(method: string, target: string, headers: Headers): Promise<Signed> {
    const operation = parseRoute(method, target, bucket.keyPrefix);
    return { operation, presigned: await presign(operation, mirrorHeaders(operation, headers)) };
  }

  async function signOne(method: string, target: string, headers: Headers): Promise<PresignedRequest> {
    return (await sign(method, target, headers)).presigned;
  }

  async function answer(request: Request, target: string, requestId: string): Promise<Response> {
    if (request.method === "OPTIONS") return preflightAnswer(corsOrigins, request, requestId);
    if (isReservedTarget(target)) return await answerReserved(request, target, { signOne, expiresIn, requestId });
    const { operation, presigned } = await sign(request.method, target, request.headers);
    return redirectAnswer(operation, presigned, requestId);
  }

  function refuse(error: unknown, requestId: string): Response {
    const refusal = toProtocolError(error);
    if (refusal.status >= 500 && refusal.code !== "NotImplemented") onError(refusal.cause ?? refusal, requestId);
    return problemAnswer(refusal, requestId);
  }

  return async function handle(request, target = parsedTarget(request)) {
    const requestId = randomUUID();
    const response = await answer(request, target, requestId).catch((error: unknown) => refuse(error, requestId));
    for (const [name, value] of Object.entries(corsHeaders(corsOrigins, request))) response.headers.set(name, value);
    return response;
  };
}
