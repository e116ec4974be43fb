/**
 * The API as a function from a request to its answer, in five steps: route → authenticate → authorize
 * → presign → redirect. It carries no object, opens no connection to S3 and keeps no object's state;
 * sockets and events are the adapters' business.
 */
import { randomUUID } from "node:crypto";
import { parseRoute, ProtocolError } from "@s3r/shared";
import { describePrincipal, openAccessRecord, type AccessLogEntry, type AccessRecord } from "./access-record.ts";
import { announce } from "./announce.ts";
import { corsHeaders, preflightAnswer, type CorsOrigins } from "./answer/cors.ts";
import { problemAnswer } from "./answer/problem-answer.ts";
import { redirectAnswer } from "./answer/redirect-answer.ts";
import type { Authenticate } from "./auth/authenticate.ts";
import type { Claims, Principal } from "./auth/principal.ts";
import { createReadiness } from "./reserved/readiness.ts";
import { answerReserved, isReservedTarget } from "./reserved/reserved-routes.ts";
import type { SignAs } from "./reserved/sign-batch.ts";
import { createSignRequest, type ObjectRequest, type SignRequestOptions } from "./sign-request.ts";

export interface AppOptions extends SignRequestOptions {
  readonly authenticate: Authenticate;
  readonly corsOrigins: CorsOrigins;
  /** Told of what the client is not: errors that are the API's own. */
  readonly onError: (error: unknown, requestId: string) => void;
  /** Told of every request when it has been answered, and of each one in a batch. */
  readonly onAccess: (entry: AccessLogEntry) => void;
  /** Whether no more requests should be sent here; never, when absent. */
  readonly isStopping?: () => boolean;
}

/** What is known of whoever asks beside the request itself. */
export interface Caller {
  /** What an authorizer in front has verified. Only from the event that the request came with. */
  readonly gatewayClaims?: Claims | undefined;
  /** Its address, for the log. */
  readonly client?: string | undefined;
}

/**
 * @param target the request target as it came over the wire. To be given wherever it is known: a
 *   `Request` holds a URL that has been parsed, in which `/a/../b` has already become another key.
 */
export type App = (request: Request, target?: string, caller?: Caller) => Promise<Response>;

function parsedTarget(request: Request): string {
  const { pathname, search } = new URL(request.url);
  return pathname + search;
}

function toProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error;
  return new ProtocolError(
    "InternalError",
    "the API failed: try again, and tell its operator the request id if it stays",
    { cause: error },
  );
}

/** What one request goes through, with what is known of it on the way. */
interface Exchange {
  readonly request: Request;
  readonly target: string;
  readonly caller: Caller;
  readonly record: AccessRecord;
}

/** Everything but the log and the last word on errors. */
function createAnswer(options: AppOptions, refuse: Refuse): (exchange: Exchange) => Promise<Response> {
  const { bucket, policy, authenticate, expiresIn, corsOrigins, now, onAccess } = options;
  const signRequest = createSignRequest(options);
  const checkReady = createReadiness(options);

  function route(method: string, target: string, headers: Headers, record: AccessRecord): ObjectRequest {
    const operation = parseRoute(method, target, bucket.keyPrefix);
    record.note({ operation: operation.name, key: operation.key });
    return { operation, announced: announce(operation, headers) };
  }

  async function identify({ request, caller: { gatewayClaims }, record }: Exchange): Promise<Principal> {
    const authorization = request.headers.get("authorization");
    const principal = await authenticate({ authorization, ...(gatewayClaims === undefined ? {} : { gatewayClaims }) });
    record.note(describePrincipal(principal));
    return principal;
  }

  /** For a batch: each entry is a request of its own, also in the log. */
  const signAs: SignAs = async (principal, { method, path, headers }, { requestId, batch }) => {
    const record = openAccessRecord({ requestId, method, time: now(), batch, onAccess });
    record.note(describePrincipal(principal));
    try {
      const presigned = await signRequest(principal, route(method, path, headers, record), record);
      record.finish(307);
      return presigned;
    } catch (error) {
      throw refuse(error, record);
    }
  };

  return async function answer(exchange) {
    const { request, target, record } = exchange;
    if (request.method === "OPTIONS") return preflightAnswer(corsOrigins, request, record.requestId);
    if (isReservedTarget(target)) {
      const identifyCaller = async (): Promise<Principal> => await identify(exchange);
      const context = { policy, expiresIn, record, identify: identifyCaller, signAs, checkReady };
      return await answerReserved(request, target, context);
    }
    const asked = route(request.method, target, request.headers, record);
    const principal = await identify(exchange);
    return redirectAnswer(asked.operation, await signRequest(principal, asked, record), record.requestId);
  };
}

/** Turns whatever was thrown into what the client is told, and tells the operator and the log. */
type Refuse = (error: unknown, record: AccessRecord) => ProtocolError;

export function createApp(options: AppOptions): App {
  const { corsOrigins, now, onError, onAccess } = options;

  const refuse: Refuse = (error, record) => {
    const refusal = toProtocolError(error);
    if (refusal.status >= 500 && refusal.code !== "NotImplemented") onError(refusal.cause ?? refusal, record.requestId);
    record.finish(refusal.status, refusal.code);
    return refusal;
  };
  const answer = createAnswer(options, refuse);

  async function answerOrRefuse(exchange: Exchange): Promise<Response> {
    const { record } = exchange;
    try {
      const response = await answer(exchange);
      record.finish(response.status);
      return response;
    } catch (error) {
      return problemAnswer(refuse(error, record), record.requestId);
    }
  }

  return async function handle(request, target = parsedTarget(request), caller = {}) {
    const { method } = request;
    const { client } = caller;
    const record = openAccessRecord({ requestId: randomUUID(), method, time: now(), client, onAccess });
    const response = await answerOrRefuse({ request, target, caller, record });
    for (const [name, value] of Object.entries(corsHeaders(corsOrigins, request))) response.headers.set(name, value);
    return response;
  };
}
