/** The function's handler. Everything is read before the first event comes; nothing needs a network for that. */
import { FRONT_DOORS, type FrontDoorName } from "../adapters/front-doors/front-doors.ts";
import { createLambdaHandler, type LambdaHandler } from "../adapters/lambda.ts";
import { createApp } from "../app.ts";
import type { GatewayTrust } from "../auth/auth-config.ts";
import { createAuthenticate } from "../auth/authenticate.ts";
import { gatewayClaims } from "../auth/gateway-claims.ts";
import type { Claims } from "../auth/principal.ts";
import type { Policy } from "../policy/policy.ts";
import { createAccessLog } from "./create-access-log.ts";
import { parseLambdaConfig, type LambdaConfig } from "./lambda-config.ts";
import { loadJsonPolicy } from "./load-json-policy.ts";
import { logError } from "./log-error.ts";
import { createStdoutWriter } from "./create-stdout-writer.ts";

/** Ends the start: Lambda logs it, and answers for the function. */
class StartError extends Error {
  override readonly name = "StartError";

  constructor(what: string, complaints: readonly string[]) {
    super([`s3r cannot start: ${what}`, ...complaints.map((complaint) => `  ${complaint}`)].join("\n"));
  }
}

function readConfig(): LambdaConfig {
  const parsed = parseLambdaConfig(process.env);
  if (!parsed.ok) throw new StartError("the configuration is not complete", parsed.complaints);
  return parsed.config;
}

function readPolicy({ policySource }: LambdaConfig): Policy {
  const loaded = loadJsonPolicy(policySource);
  if (!loaded.ok) throw new StartError("the policy cannot be used", loaded.complaints);
  return loaded.policy;
}

/** Function URLs and load balancers have no authorizer of the kinds that a policy can trust. */
function createClaimsReader(frontDoor: FrontDoorName, gateway: GatewayTrust | undefined) {
  const hasAuthorizer = frontDoor === "rest-api" || frontDoor === "http-api";
  return (context: unknown): Claims | undefined =>
    hasAuthorizer && gateway !== undefined ? gatewayClaims(context, gateway.authorizer) : undefined;
}

function now(): Date {
  return new Date();
}

function createHandler(): LambdaHandler {
  const config = readConfig();
  const { bucket, expiresIn, corsOrigins, credentials, frontDoor, basePath, isEmbedded } = config;
  const policy = readPolicy(config);
  const readClaims = createClaimsReader(frontDoor, policy.auth.gateway);
  const app = createApp({
    bucket,
    credentials: () => Promise.resolve(credentials),
    policy,
    authenticate: createAuthenticate({ config: policy.auth, now, fetch }),
    expiresIn,
    corsOrigins,
    now,
    onError: logError,
    onAccess: createAccessLog({ write: createStdoutWriter() }, isEmbedded),
  });
  return createLambdaHandler(
    async (request, target, context) => await app(request, target, { gatewayClaims: readClaims(context) }),
    FRONT_DOORS[frontDoor](basePath === undefined ? {} : { basePath }),
  );
}

export const handler: LambdaHandler = createHandler();
