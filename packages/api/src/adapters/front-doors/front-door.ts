/** What a front door is: how the events of one service that invokes the function are read, and how it is answered. */
import type { RequestParts } from "../to-request.ts";

/** A request as its client meant it, as far as the front door has kept it. */
export interface EventRequest extends RequestParts {
  /** The request target as it came over the wire, or one that decodes to the same. */
  readonly target: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One event that was recognised. */
export interface Visit {
  readonly method: string;
  /** `requestContext`: the part of an event that no client can write. */
  readonly context: unknown;
  /** @throws ProtocolError for a request that the front door has made another. FrontDoorError as `FrontDoor` does. */
  readonly read: () => EventRequest;
  /** @returns what the function returns. */
  readonly write: (answer: Answer) => unknown;
}

/** @throws FrontDoorError for an event that is not of this front door, or does not fit its configuration. */
export type FrontDoor = (event: unknown) => Visit;

export interface FrontDoorOptions {
  /**
   * What stands before the key in the paths of events: `""` or such as `/files`, without a slash at the end. Where
   * it is absent, only what an event itself shows to be a stage is taken off.
   */
  readonly basePath?: string;
}
