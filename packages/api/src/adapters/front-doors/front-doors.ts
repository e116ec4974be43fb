/** Every front door, by the name that S3R_FRONT_DOOR has for it. */
import { openAlb } from "./alb.ts";
import type { FrontDoor, FrontDoorOptions } from "./front-door.ts";
import { openFunctionUrl } from "./function-url.ts";
import { openHttpApi } from "./http-api.ts";
import { openRestApi } from "./rest-api.ts";

export type FrontDoorName = "function-url" | "rest-api" | "http-api" | "alb";

export const FRONT_DOORS: Readonly<Record<FrontDoorName, (options: FrontDoorOptions) => FrontDoor>> = {
  "function-url": openFunctionUrl,
  "rest-api": openRestApi,
  "http-api": openHttpApi,
  alb: openAlb,
};
