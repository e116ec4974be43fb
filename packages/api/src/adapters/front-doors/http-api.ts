/**
 * An HTTP API with payload 2.0. It hands over a path that is decoded already, and cut at a decoded `?`: a key that
 * holds `%`, `?` or `#` cannot be told from another one, and is refused. What it cut off where no route parameter
 * shows it is not to be seen here; `docs/deploy-aws.md` says so.
 */
import { percentEncode, ProtocolError } from "@s3r/shared";
import * as v from "valibot";
import { stripBasePath } from "./base-path.ts";
import { changedPath, requireProxyPath } from "./changed-path.ts";
import { FrontDoorError } from "./front-door-error.ts";
import type { FrontDoor, FrontDoorOptions } from "./front-door.ts";
import { parseEvent } from "./parse-event.ts";
import { isFunctionUrl, createPayloadV2Schema, readPayloadV2, writePayloadV2, type PayloadV2 } from "./payload-v2.ts";

function createSchema() {
  return v.pipe(
    createPayloadV2Schema(),
    v.check((event) => !isFunctionUrl(event), "comes from the domain of a function URL"),
  );
}

/** `id.execute-api.region.amazonaws.com`, as opposed to a custom domain. */
function isOwnDomain(domainName: string): boolean {
  return domainName.split(".")[1] === "execute-api";
}

/** The paths of a named stage begin with it (aws-powertools/powertools-lambda-python#621); of custom domains accounts differ. */
function stagePath({ requestContext: { stage, domainName } }: PayloadV2): string {
  if (stage === "$default") return "";
  if (isOwnDomain(domainName)) return `/${stage}`;
  throw new FrontDoorError(
    `on the custom domain ${domainName} with the stage ${stage} an event does not show where the key begins: ` +
      "set S3R_BASE_PATH to what stands before it in `rawPath` (`/` for nothing)",
  );
}

/** Anything that a decoder may have put there for something else. */
const AMBIGUOUS = /[%?#\p{Cc}\u{fffd}]/u;

function requireUnambiguous(path: string): void {
  if (path.isWellFormed() && !AMBIGUOUS.test(path)) return;
  throw new ProtocolError(
    "InvalidKey",
    "behind an API Gateway HTTP API a key with `%`, `?`, `#` or a control character cannot be told from another: " +
      "send it in the body of `POST /.s3r/sign`",
  );
}

/** Encoded or not, what a route has captured must be the path. */
function requireCaptured(path: string, proxy: string | undefined): void {
  if (proxy === undefined) return;
  let decoded = proxy;
  try {
    decoded = decodeURIComponent(proxy);
  } catch {
    throw changedPath();
  }
  requireProxyPath(path, decoded);
}

function keyPath(event: PayloadV2, basePath: string | undefined): string {
  const { rawPath, pathParameters, requestContext } = event;
  const path = stripBasePath(rawPath, basePath ?? stagePath(event));
  requireUnambiguous(path);
  if (requestContext.http.path !== rawPath && requestContext.http.path !== path) throw changedPath();
  requireCaptured(path, pathParameters?.["proxy"]);
  return path.split("/").map(percentEncode).join("/");
}

/** Captured at AWS in hotsock/voker, `vokerhttp/testdata/apigwv2-request.json`; the cut: middleapi/standard-server#93. */
export function openHttpApi({ basePath }: FrontDoorOptions): FrontDoor {
  const schema = createSchema();
  return (raw) => {
    const event = parseEvent(schema, raw, "http-api");
    return {
      method: event.requestContext.http.method,
      context: event.requestContext,
      read: () => readPayloadV2(event, keyPath(event, basePath)),
      write: writePayloadV2,
    };
  };
}
