/** For tests: the app behind a front door, as the function has it, and what a client gets to see of its decision. */
import { createApp, type AppOptions } from "../../app.ts";
import { TEST_APP_OPTIONS } from "../../testing/start-api.ts";
import { FRONT_DOORS, type FrontDoorName } from "../front-doors/front-doors.ts";
import { createLambdaHandler } from "../lambda.ts";
import { toRequest } from "../to-request.ts";
import type { LambdaEvent } from "./lambda-events.ts";
import { groupHeaders, wireHeaders, type WireRequest } from "./wire-request.ts";

export interface Result {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

export interface InvokeOptions {
  readonly app?: Partial<AppOptions>;
  readonly basePath?: string;
}

/** Signatures are the same at the same time. */
export const FIXED_OPTIONS: AppOptions = { ...TEST_APP_OPTIONS, now: () => new Date("2026-11-23T06:00:00Z") };

function isResult(value: unknown): value is Result {
  return typeof value === "object" && value !== null && "statusCode" in value && "body" in value;
}

export async function invoke(name: FrontDoorName, event: LambdaEvent, options: InvokeOptions = {}): Promise<Result> {
  const { basePath, app } = options;
  const frontDoor = FRONT_DOORS[name](basePath === undefined ? {} : { basePath });
  const handle = createApp({ ...FIXED_OPTIONS, ...app });
  const handler = createLambdaHandler(async (request, target) => await handle(request, target), frontDoor);
  // As Lambda hands it over.
  const copied: unknown = JSON.parse(JSON.stringify(event));
  const result = await handler(copied);
  if (!isResult(result)) throw new TypeError("the handler returned no answer");
  return result;
}

/** What was decided: the status, and the URL or the code of the refusal. */
export interface Decision {
  readonly status: number;
  readonly location?: string;
  readonly code?: string;
}

function problemCode(body: string): string | undefined {
  const parsed: unknown = JSON.parse(body);
  return typeof parsed === "object" && parsed !== null && "code" in parsed ? String(parsed.code) : undefined;
}

export function toDecision(status: number, location: string | undefined, body: string): Decision {
  if (location !== undefined) return { status, location };
  const code = status >= 400 && body !== "" ? problemCode(body) : undefined;
  return { status, ...(code === undefined ? {} : { code }) };
}

export function decisionOf({ statusCode, headers, multiValueHeaders, body }: Result): Decision {
  const location = multiValueHeaders === undefined ? headers["location"] : multiValueHeaders["location"]?.[0];
  return toDecision(statusCode, location, body);
}

/** What the app decides on the request as the Node adapter hands it over, which reads no body but a POST's. */
export async function directDecision(request: WireRequest, options: Partial<AppOptions> = {}): Promise<Decision> {
  const { method, target, body } = request;
  const bytes = method === "POST" ? Buffer.from(body ?? "") : null;
  // A socket has bytes, which Node reads as Latin-1.
  const onTheWire = wireHeaders(request).map(([name, value]) => [name, Buffer.from(value).toString("latin1")] as const);
  const headers = Object.entries(groupHeaders(onTheWire));
  const response = await createApp({ ...FIXED_OPTIONS, ...options })(
    toRequest({ method, headers, body: bytes }),
    target,
  );
  const text = method === "HEAD" ? "" : await response.text();
  return toDecision(response.status, response.headers.get("location") ?? undefined, text);
}
