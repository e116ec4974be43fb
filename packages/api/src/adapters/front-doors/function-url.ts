/** A Lambda function URL: payload 2.0, with the path as it came over the wire. */
import * as v from "valibot";
import { stripBasePath } from "./base-path.ts";
import type { FrontDoor, FrontDoorOptions } from "./front-door.ts";
import { parseEvent } from "./parse-event.ts";
import { isFunctionUrl, createPayloadV2Schema, readPayloadV2, writePayloadV2 } from "./payload-v2.ts";

function createSchema() {
  return v.pipe(
    createPayloadV2Schema(),
    v.check(isFunctionUrl, "comes from another domain than a function URL's, as those of an HTTP API do"),
  );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html; captured at AWS in hotsock/voker, `vokerhttp/testdata/functionurl-request.json`. */
export function openFunctionUrl({ basePath = "" }: FrontDoorOptions): FrontDoor {
  const schema = createSchema();
  return (raw) => {
    const event = parseEvent(schema, raw, "function-url");
    return {
      method: event.requestContext.http.method,
      context: event.requestContext,
      read: () => readPayloadV2(event, stripBasePath(event.rawPath, basePath)),
      write: writePayloadV2,
    };
  };
}
