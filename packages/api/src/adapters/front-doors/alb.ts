/**
 * An Application Load Balancer with a Lambda target: path and query as they came. Without multi-value headers, an
 * attribute of the target group, it hands over the last of several values only.
 */
import * as v from "valibot";
import { stripBasePath } from "./base-path.ts";
import { joinQuery } from "./encode-query.ts";
import { eventBody, eventBodyLength } from "./event-body.ts";
import { eventHeaders, withLength } from "./event-headers.ts";
import type { Answer, EventRequest, FrontDoor, FrontDoorOptions } from "./front-door.ts";
import { parseEvent } from "./parse-event.ts";

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html */
function createSchema() {
  const single = v.nullish(v.record(v.string(), v.string()));
  const multiple = v.nullish(v.record(v.string(), v.array(v.string())));
  return v.object({
    path: v.string(),
    httpMethod: v.string(),
    headers: single,
    multiValueHeaders: multiple,
    queryStringParameters: single,
    multiValueQueryStringParameters: multiple,
    requestContext: v.looseObject({ elb: v.looseObject({ targetGroupArn: v.string() }) }),
    body: v.nullish(v.string()),
    isBase64Encoded: v.optional(v.boolean(), false),
  });
}

type AlbEvent = v.InferOutput<ReturnType<typeof createSchema>>;

function readEvent(event: AlbEvent, basePath: string): EventRequest {
  const { httpMethod: method, path, queryStringParameters, multiValueQueryStringParameters } = event;
  return {
    method,
    target: stripBasePath(path, basePath) + joinQuery(queryStringParameters, multiValueQueryStringParameters),
    headers: withLength(eventHeaders(event.headers, event.multiValueHeaders), eventBodyLength(event)),
    body: eventBody(method, event),
  };
}

/** "You must use multi-value headers if you have enabled multi-value headers and single-value headers otherwise" (same page). */
function writeAnswer({ status, headers, body }: Answer, isMultiValue: boolean): unknown {
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return {
    statusCode: status,
    ...(isMultiValue ? { multiValueHeaders } : { headers }),
    body,
    isBase64Encoded: false,
  };
}

/** Captured at AWS in hotsock/voker, `vokerhttp/testdata/alb-request.json`. */
export function openAlb({ basePath = "" }: FrontDoorOptions): FrontDoor {
  const schema = createSchema();
  return (raw) => {
    const event = parseEvent(schema, raw, "alb");
    return {
      method: event.httpMethod,
      context: event.requestContext,
      read: () => readEvent(event, basePath),
      write: (answer) => writeAnswer(answer, Boolean(event.multiValueHeaders)),
    };
  };
}
