/**
 * What requests are told apart by when they are counted. Of each there are few values: never a key, a principal or
 * anything else that a client can choose.
 */
import type { AccessLogEntry } from "../access-record.ts";

/** A type, not an interface: those are no records of strings. */
export type RequestDimensions = {
  /** Of S3, or the reserved path; `none` for what is neither. */
  readonly operation: string;
  /** `none` for what came to no decision. */
  readonly decision: "allow" | "deny" | "none";
  readonly status: string;
};

export function requestDimensions({ operation, decision, status }: AccessLogEntry): RequestDimensions {
  return { operation: operation ?? "none", decision: decision ?? "none", status: String(status) };
}

/** Of what was refused before it was looked at: no HTTP, too much of it, too slow. */
export function refusedDimensions(status: number): RequestDimensions {
  return { operation: "none", decision: "none", status: String(status) };
}
