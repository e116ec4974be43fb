/** Payload format 2.0, which function URLs and HTTP APIs share; but they mean different things by `rawPath`. */
import * as v from "valibot";
import { eventBody, eventBodyLength } from "./event-body.ts";
import { eventHeaders, withCookies, withLength } from "./event-headers.ts";
import type { Answer, EventRequest } from "./front-door.ts";

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export function createPayloadV2Schema() {
  return v.object({
    version: v.literal("2.0", "must be `2.0`, the payload format version"),
    rawPath: v.string(),
    rawQueryString: v.optional(v.string(), ""),
    cookies: v.nullish(v.array(v.string())),
    headers: v.optional(v.record(v.string(), v.string()), {}),
    pathParameters: v.nullish(v.record(v.string(), v.string())),
    requestContext: v.looseObject({
      domainName: v.string(),
      stage: v.optional(v.string(), "$default"),
      http: v.looseObject({ method: v.string(), path: v.string() }),
    }),
    body: v.nullish(v.string()),
    isBase64Encoded: v.optional(v.boolean(), false),
  });
}

export type PayloadV2 = v.InferOutput<ReturnType<typeof createPayloadV2Schema>>;

/** Only function URLs have such names: `id.lambda-url.region.on.aws`. */
export function isFunctionUrl({ requestContext: { domainName } }: PayloadV2): boolean {
  return domainName.split(".")[1] === "lambda-url";
}

/** @param path percent-encoded. */
export function readPayloadV2(event: PayloadV2, path: string): EventRequest {
  const { rawQueryString, headers, cookies } = event;
  const { method } = event.requestContext.http;
  return {
    method,
    target: rawQueryString === "" ? path : `${path}?${rawQueryString}`,
    headers: withLength(withCookies(eventHeaders(headers), cookies), eventBodyLength(event)),
    body: eventBody(method, event),
  };
}

export function writePayloadV2({ status, headers, body }: Answer): unknown {
  return { statusCode: status, headers, body, isBase64Encoded: false };
}
