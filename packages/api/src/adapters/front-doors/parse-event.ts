/** Checks that an event is of the front door that the function is configured for. */
import * as v from "valibot";
import { FrontDoorError } from "./front-door-error.ts";

/** Valibot's own message would quote what is there. */
function describe({ expected, received }: v.BaseIssue<unknown>): string {
  return received === "undefined" ? "is missing" : `must be ${expected}`;
}

/**
 * @param name as in S3R_FRONT_DOOR.
 * @throws FrontDoorError that says what does not fit, and nothing of the event's content.
 */
export function parseEvent<Event>(schema: v.GenericSchema<unknown, Event>, event: unknown, name: string): Event {
  const parsed = v.safeParse(schema, event, { abortEarly: true, message: describe });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue);
  const what = path === null ? "it" : `\`${path}\``;
  throw new FrontDoorError(`S3R_FRONT_DOOR is \`${name}\`, but this event is from elsewhere: ${what} ${issue.message}`);
}
