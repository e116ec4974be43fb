/** Lambda events ⇄ Request/Response, for whichever front door the function has. Decides nothing about keys. */
import { randomUUID } from "node:crypto";
import { ProtocolError } from "@s3r/shared";
import { problemAnswer } from "../answer/problem-answer.ts";
import type { Answer, FrontDoor, Visit } from "./front-doors/front-door.ts";
import { toRequest } from "./to-request.ts";

/**
 * What the adapter is around: the request, its target as it came over the wire, and the event's `requestContext`,
 * in which an authorizer of the front door says whom it let through.
 */
export type EventHandler = (request: Request, target: string, context: unknown) => Promise<Response>;

/**
 * @throws FrontDoorError for an event that is not of the configured front door: the invocation fails, since there is
 *   nobody who could be answered.
 */
export type LambdaHandler = (event: unknown) => Promise<unknown>;

async function respond(handler: EventHandler, { read, context }: Visit): Promise<Response> {
  try {
    const { target, ...parts } = read();
    return await handler(toRequest(parts), target, context);
  } catch (error) {
    if (error instanceof ProtocolError) return problemAnswer(error, randomUUID());
    throw error;
  }
}

async function toAnswer(response: Response, method: string): Promise<Answer> {
  const body = method === "HEAD" ? "" : await response.text();
  return { status: response.status, headers: Object.fromEntries(response.headers), body };
}

export function createLambdaHandler(handler: EventHandler, frontDoor: FrontDoor): LambdaHandler {
  return async function handle(event) {
    const visit = frontDoor(event);
    return visit.write(await toAnswer(await respond(handler, visit), visit.method));
  };
}
