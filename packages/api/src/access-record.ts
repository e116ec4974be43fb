/**
 * What the access log says of one request: who asked for what, what was decided and by which
 * statement. Never a token, a header or a query string.
 */
import type { ErrorCode, OperationName } from "@s3r/shared";
import type { Principal } from "./auth/principal.ts";

export interface AccessLogEntry {
  /** ISO 8601, when the request came. */
  readonly time: string;
  readonly requestId: string;
  /** Its place in a batch, from 0. */
  readonly batch?: number;
  /** The address that it came from; absent where only the front door knows it. */
  readonly client?: string;
  readonly method: string;
  /** Of S3; or the reserved path. Absent for what is neither. */
  readonly operation?: OperationName | `/${string}`;
  readonly key?: string;
  readonly principal?: string;
  /** `sub` and `jti` of a JWT (RFC 7519 4.1), to find the job that it was. */
  readonly subject?: string;
  readonly tokenId?: string;
  readonly decision?: "allow" | "deny";
  readonly statement?: string;
  readonly status: number;
  /** Of the refusal. */
  readonly code?: ErrorCode;
  readonly milliseconds: number;
  /** What signing took of them, credentials included. */
  readonly signingMilliseconds?: number;
}

/** What becomes known of a request on its way. */
type Noted = Pick<AccessLogEntry, "operation" | "key" | "principal" | "subject" | "tokenId" | "decision" | "statement">;

export interface AccessRecord {
  readonly requestId: string;
  note(noted: Noted): void;
  /** The time from now to the end of what is returned. */
  startSigning(): () => void;
  /** Once, at the end. */
  finish(status: number, code?: ErrorCode): void;
}

export interface AccessRecordOptions {
  readonly requestId: string;
  readonly method: string;
  readonly time: Date;
  readonly client?: string | undefined;
  readonly batch?: number;
  readonly onAccess: (entry: AccessLogEntry) => void;
}

const MAX_CLAIM_LENGTH = 256;

function shortText(value: unknown): string | undefined {
  return typeof value === "string" ? value.slice(0, MAX_CLAIM_LENGTH) : undefined;
}

export function describePrincipal({ name, claims }: Principal): Noted {
  const subject = shortText(claims["sub"]);
  const tokenId = shortText(claims["jti"]);
  return {
    principal: name,
    ...(subject === undefined ? {} : { subject }),
    ...(tokenId === undefined ? {} : { tokenId }),
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}

export function openAccessRecord(options: AccessRecordOptions): AccessRecord {
  const { requestId, method, time, client, batch, onAccess } = options;
  const started = performance.now();
  let known: Noted = {};
  let signing: number | undefined;
  return {
    requestId,
    note(noted) {
      known = { ...known, ...noted };
    },
    startSigning() {
      const begun = performance.now();
      return () => {
        signing = performance.now() - begun;
      };
    },
    finish(status, code) {
      onAccess({
        time: time.toISOString(),
        requestId,
        ...(batch === undefined ? {} : { batch }),
        ...(client === undefined ? {} : { client }),
        method,
        ...known,
        status,
        ...(code === undefined ? {} : { code }),
        milliseconds: round(performance.now() - started),
        ...(signing === undefined ? {} : { signingMilliseconds: round(signing) }),
      });
    },
  };
}
