/** `GET /.s3r/`: what this API offers, so that a client need not guess. */
import {
  CHECKSUM_LIST,
  MAX_BATCH_REQUESTS,
  MAX_KEY_BYTES,
  MAX_PART_NUMBER,
  MAX_SINGLE_PUT_BYTES,
  MIN_PART_BYTES,
  OPERATION_LIST,
  type OperationSpec,
} from "@s3r/shared";
import { ANONYMOUS } from "../auth/principal.ts";
import { isAbout } from "../policy/authorize.ts";
import type { Policy } from "../policy/policy.ts";

/** `PUT /{key}?partNumber&uploadId` */
function requestLine(spec: OperationSpec): string {
  const selectors = Object.keys(spec.selectors)
    .map((name) => (name === "list-type" ? "list-type=2" : name))
    .join("&");
  return `${spec.method} /{${spec.target === "object" ? "key" : "prefix"}}${selectors === "" ? "" : `?${selectors}`}`;
}

export interface Capabilities {
  readonly service: "s3r";
  readonly operations: readonly {
    readonly name: string;
    readonly request: string;
    readonly parameters: readonly string[];
    readonly action: string;
  }[];
  readonly limits: Readonly<Record<string, number>>;
  readonly batch: { readonly path: string; readonly maxRequests: number };
  /** Seconds that a presigned URL lives at most. */
  readonly expiresIn: number;
  readonly checksums: readonly string[];
  readonly authentication: {
    /** Whether nothing at all is open to who is anonymous. */
    readonly required: boolean;
    readonly schemes: readonly string[];
    /** What a token of an issuer must be for. */
    readonly audience?: string;
  };
}

function describeAuthentication({ audience, auth, statements }: Policy): Capabilities["authentication"] {
  const isOpen = statements.some((statement) => statement.effect === "allow" && isAbout(statement, ANONYMOUS));
  return {
    required: !isOpen,
    schemes: auth.tokens.length + auth.issuers.length > 0 ? ["Bearer", "Basic"] : [],
    ...(audience === undefined ? {} : { audience }),
  };
}

export function describeCapabilities(policy: Policy, expiresIn: number): Capabilities {
  return {
    service: "s3r",
    operations: OPERATION_LIST.map((spec) => ({
      name: spec.name,
      request: requestLine(spec),
      parameters: Object.keys(spec.parameters),
      action: spec.action,
    })),
    limits: {
      keyBytes: MAX_KEY_BYTES,
      singlePutBytes: MAX_SINGLE_PUT_BYTES,
      partBytesMinimum: MIN_PART_BYTES,
      parts: MAX_PART_NUMBER,
    },
    batch: { path: "/.s3r/sign", maxRequests: MAX_BATCH_REQUESTS },
    expiresIn,
    checksums: CHECKSUM_LIST.map((spec) => spec.algorithm),
    authentication: describeAuthentication(policy),
  };
}
