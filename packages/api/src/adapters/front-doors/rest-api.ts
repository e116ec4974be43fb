/** A REST API with a Lambda proxy integration (payload 1.0): the path as it came, the query decoded. */
import * as v from "valibot";
import { stripBasePath } from "./base-path.ts";
import { changedPath, requireProxyPath } from "./changed-path.ts";
import { encodeQuery } from "./encode-query.ts";
import { eventBody, eventBodyLength } from "./event-body.ts";
import { eventHeaders, withLength } from "./event-headers.ts";
import type { EventRequest, FrontDoor, FrontDoorOptions } from "./front-door.ts";
import { parseEvent } from "./parse-event.ts";

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
function createSchema() {
  const single = v.nullish(v.record(v.string(), v.string()));
  const multiple = v.nullish(v.record(v.string(), v.array(v.string())));
  return v.object({
    version: v.optional(v.never("is there: an HTTP API's payload 1.0 has it, and a path that is decoded already")),
    resource: v.string(),
    path: v.string(),
    httpMethod: v.string(),
    headers: single,
    multiValueHeaders: multiple,
    queryStringParameters: single,
    multiValueQueryStringParameters: multiple,
    pathParameters: single,
    requestContext: v.looseObject({ path: v.string(), stage: v.string() }),
    body: v.nullish(v.string()),
    isBase64Encoded: v.optional(v.boolean(), false),
  });
}

type RestEvent = v.InferOutput<ReturnType<typeof createSchema>>;

/**
 * `requestContext.path` has the stage before it on the API's own domain, and is `path` itself on a custom one
 * (localstack/localstack#12296, from AWS). `path` has no stage there, and begins with the path of the mapping here.
 */
function keyPath({ path, resource, pathParameters, requestContext }: RestEvent, basePath: string): string {
  if (requestContext.path !== path && requestContext.path !== `/${requestContext.stage}${path}`) throw changedPath();
  const stripped = stripBasePath(path, basePath);
  const proxy = pathParameters?.["proxy"];
  if (resource === "/{proxy+}" && proxy !== undefined) requireProxyPath(stripped, proxy);
  return stripped;
}

function readEvent(event: RestEvent, basePath: string): EventRequest {
  const { httpMethod: method, queryStringParameters, multiValueQueryStringParameters } = event;
  return {
    method,
    target: keyPath(event, basePath) + encodeQuery(queryStringParameters, multiValueQueryStringParameters),
    headers: withLength(eventHeaders(event.headers, event.multiValueHeaders), eventBodyLength(event)),
    body: eventBody(method, event),
  };
}

/** Captured at AWS in hotsock/voker, `vokerhttp/testdata/apigwv1-request.json`, and in localstack/localstack, `test_apigateway_lambda.snapshot.json`. */
export function openRestApi({ basePath = "" }: FrontDoorOptions): FrontDoor {
  const schema = createSchema();
  return (raw) => {
    const event = parseEvent(schema, raw, "rest-api");
    return {
      method: event.httpMethod,
      context: event.requestContext,
      read: () => readEvent(event, basePath),
      write: ({ status, headers, body }) => ({ statusCode: status, headers, body, isBase64Encoded: false }),
    };
  };
}
