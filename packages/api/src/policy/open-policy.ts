/** The policy of a machine that only its owner reaches: whoever asks may do all. */
import { OPERATION_LIST } from "@s3r/shared";
import { ANONYMOUS_NAME } from "../auth/principal.ts";
import { parseTextPattern } from "./text-pattern.ts";
import type { Policy } from "./policy.ts";

export const OPEN_POLICY: Policy = {
  auth: { tokens: [], issuers: [] },
  statements: [
    {
      id: "anyone-on-this-machine",
      effect: "allow",
      principals: new Set([ANONYMOUS_NAME]),
      claims: [],
      actions: new Set(OPERATION_LIST.map(({ action }) => action)),
      keys: [{ source: "**", segments: ["**"], fixed: parseTextPattern("**") }],
      limits: {},
    },
  ],
};
