/**
 * What an authorizer of an API Gateway in front has verified, taken from the event's `requestContext`: the one
 * part of an event that no client can write. Headers never count.
 */
import type { GatewayTrust } from "./auth-config.ts";
import type { Claims } from "./principal.ts";

/** What `requestContext.authorizer` and the objects in it are when they are there. */
type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Of its own: a member of the prototype is not a claim. */
function objectIn(container: unknown, name: string): JsonObject | undefined {
  const value = isObject(container) && Object.hasOwn(container, name) ? container[name] : undefined;
  return isObject(value) ? value : undefined;
}

/**
 * A Lambda authorizer of a REST API, or of an HTTP API with payload 1.0, has its context spread among
 * `principalId` and API Gateway's own `integrationLatency`. Without a `principalId` no authorizer has run: payload
 * 1.0 has `{"claims": null, "scopes": null}` on open routes.
 */
function flatContext(authorizer: JsonObject): Claims | undefined {
  if (!Object.hasOwn(authorizer, "principalId") || typeof authorizer["principalId"] !== "string") return undefined;
  const { integrationLatency: _latency, ...context } = authorizer;
  return context;
}

/**
 * | in front | JWT or Cognito authorizer | Lambda authorizer |
 * | --- | --- | --- |
 * | HTTP API, payload 2.0 | `authorizer.jwt.claims` | `authorizer.lambda` |
 * | HTTP API, payload 1.0; REST API | `authorizer.claims` | `authorizer` itself |
 *
 * Every value is text there, and an array is `[a b]` (aws/aws-lambda-go#591): it matches as that text. Shapes:
 * aws/aws-lambda-go `events/testdata/apigw-v2-request-{jwt,lambda}-authorizer.json`,
 * `apigw-restapi-openapi-request.json`; https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 *
 * @param requestContext of the event, as Lambda handed it over.
 * @param authorizer the kind that the policy trusts; claims of any other kind are not looked at.
 * @returns undefined when no authorizer of that kind let the request through.
 */
export function gatewayClaims(requestContext: unknown, authorizer: GatewayTrust["authorizer"]): Claims | undefined {
  const context = objectIn(requestContext, "authorizer");
  if (context === undefined) return undefined;
  if (authorizer === "jwt") return objectIn(objectIn(context, "jwt"), "claims") ?? objectIn(context, "claims");
  return objectIn(context, "lambda") ?? flatContext(context);
}
