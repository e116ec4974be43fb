/** The paths under `/.s3r/`, which no object key can have. */
import { ProtocolError, RESERVED_SEGMENT, splitTarget } from "@s3r/shared";
import type { AccessRecord } from "../access-record.ts";
import { jsonAnswer } from "../answer/json-answer.ts";
import { problemAnswer } from "../answer/problem-answer.ts";
import type { Principal } from "../auth/principal.ts";
import { describeAccess } from "../policy/describe-access.ts";
import type { Policy } from "../policy/policy.ts";
import { describeCapabilities } from "./capabilities.ts";
import type { CheckReady } from "./readiness.ts";
import { signBatch, type SignAs } from "./sign-batch.ts";

export interface ReservedContext {
  readonly policy: Policy;
  /** Seconds. */
  readonly expiresIn: number;
  readonly record: AccessRecord;
  readonly identify: () => Promise<Principal>;
  readonly signAs: SignAs;
  readonly checkReady: CheckReady;
}

interface ReservedRoute {
  readonly methods: readonly string[];
  /** What is sent as JSON, or the whole answer. */
  readonly answer: (request: Request, context: ReservedContext) => Promise<unknown>;
}

const ROUTES: Readonly<Record<string, ReservedRoute>> = {
  "/.s3r/": {
    methods: ["GET", "HEAD"],
    answer: async (_request, { policy, expiresIn }) => describeCapabilities(policy, expiresIn),
  },
  "/.s3r/health": {
    methods: ["GET", "HEAD"],
    answer: async () => ({ status: "ok" }),
  },
  "/.s3r/ready": {
    methods: ["GET", "HEAD"],
    answer: async (_request, { checkReady, record: { requestId } }) => {
      const obstacle = await checkReady();
      // Returned, not thrown: that it stops is no error that its operator must hear of.
      return obstacle === undefined ? { status: "ready" } : problemAnswer(obstacle, requestId);
    },
  },
  "/.s3r/sign": {
    methods: ["POST"],
    answer: async (request, { identify, signAs, record: { requestId } }) =>
      await signBatch(request, { principal: await identify(), signAs, requestId }),
  },
  "/.s3r/whoami": {
    methods: ["GET", "HEAD"],
    answer: async (_request, { policy, identify }) => describeAccess(policy, await identify()),
  },
};

/** Decided on the path as sent: an escaped spelling of it is a key, and refused as one. */
export function isReservedTarget(target: string): boolean {
  const { path } = splitTarget(target);
  return path === `/${RESERVED_SEGMENT}` || path.startsWith(`/${RESERVED_SEGMENT}/`);
}

function reservedPath(target: string): `/${string}` {
  return `/${splitTarget(target).path.slice(1)}`;
}

/** @throws ProtocolError NotFound or MethodNotAllowed, and what the route itself throws. */
export async function answerReserved(request: Request, target: string, context: ReservedContext): Promise<Response> {
  const path = reservedPath(target);
  const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (route === undefined) {
    throw new ProtocolError("NotFound", `there is no such path under \`/${RESERVED_SEGMENT}/\`: see \`GET /.s3r/\``);
  }
  if (!route.methods.includes(request.method)) {
    const allow = route.methods.join(", ");
    throw new ProtocolError("MethodNotAllowed", `use ${allow} here`, { headers: { allow } });
  }
  context.record.note({ operation: path });
  const answer = await route.answer(request, context);
  return answer instanceof Response ? answer : jsonAnswer(answer, context.record.requestId);
}
