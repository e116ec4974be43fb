/** The paths under `/.s3r/`, which no object key can have. */
import { ProtocolError, RESERVED_SEGMENT, splitTarget } from "@s3r/shared";
import { jsonAnswer } from "../answer/json-answer.ts";
import { describeCapabilities } from "./capabilities.ts";
import { signBatch, type SignOne } from "./sign-batch.ts";

export interface ReservedContext {
  readonly signOne: SignOne;
  /** Seconds. */
  readonly expiresIn: number;
  readonly requestId: string;
}

interface ReservedRoute {
  readonly methods: readonly string[];
  readonly answer: (request: Request, context: ReservedContext) => Promise<Response> | Response;
}

const ROUTES: Readonly<Record<string, ReservedRoute>> = {
  "/.s3r/": {
    methods: ["GET", "HEAD"],
    answer: (_request, { expiresIn, requestId }) => jsonAnswer(describeCapabilities(expiresIn), requestId),
  },
  "/.s3r/health": {
    methods: ["GET", "HEAD"],
    answer: (_request, { requestId }) => jsonAnswer({ status: "ok" }, requestId),
  },
  "/.s3r/sign": {
    methods: ["POST"],
    answer: async (request, { signOne, requestId }) =>
      jsonAnswer(await signBatch(request, signOne, requestId), requestId),
  },
};

/** Decided on the path as sent: an escaped spelling of it is a key, and refused as one. */
export function isReservedTarget(target: string): boolean {
  const { path } = splitTarget(target);
  return path === `/${RESERVED_SEGMENT}` || path.startsWith(`/${RESERVED_SEGMENT}/`);
}

/** @throws ProtocolError NotFound or MethodNotAllowed, and what the route itself throws. */
export async function answerReserved(request: Request, target: string, context: ReservedContext): Promise<Response> {
  const { path } = splitTarget(target);
  const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (route === undefined) {
    throw new ProtocolError("NotFound", `there is no such path under \`/${RESERVED_SEGMENT}/\`: see \`GET /.s3r/\``);
  }
  if (!route.methods.includes(request.method)) {
    const allow = route.methods.join(", ");
    throw new ProtocolError("MethodNotAllowed", `use ${allow} here`, { headers: { allow } });
  }
  return await route.answer(request, context);
}
