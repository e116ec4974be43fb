/** The two steps in the middle: may they do that, and if so, the URL. */
import { ProtocolError, type Operation } from "@s3r/shared";
import type { AccessRecord } from "./access-record.ts";
import type { Principal } from "./auth/principal.ts";
import { invalidToken, unauthenticated } from "./auth/unauthenticated.ts";
import { authorize, type Decision } from "./policy/authorize.ts";
import type { Announcement } from "./policy/check-limits.ts";
import type { Policy } from "./policy/policy.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import { createPresigner, type PresignedRequest, type PresignerOptions } from "./sign/presign.ts";

/** What was asked for: the same value is decided on and signed. */
export interface ObjectRequest {
  readonly operation: Operation;
  readonly announced: Announcement;
}

/** @throws ProtocolError when the policy says no, or the principal asks too often. */
export type SignRequest = (
  principal: Principal,
  asked: ObjectRequest,
  record: AccessRecord,
) => Promise<PresignedRequest>;

export interface SignRequestOptions extends PresignerOptions {
  readonly policy: Policy;
  /** Seconds that a presigned URL lives at most. */
  readonly expiresIn: number;
}

type Denial = Extract<Decision, { effect: "deny" }>;

/** Who is nobody yet is asked who they are, where that could help. */
function toRefusal({ code, reason }: Denial, principal: Principal, { auth }: Policy): ProtocolError {
  const knowsAnyone = auth.tokens.length + auth.issuers.length > 0;
  if (code === "AccessDenied" && principal.kind === "anonymous" && knowsAnyone) {
    return unauthenticated("this needs a token: send it as `Authorization: Bearer`, or as the password of Basic");
  }
  return code === "Unauthenticated" ? invalidToken(reason) : new ProtocolError(code, reason);
}

export function createSignRequest(options: SignRequestOptions): SignRequest {
  const { policy, expiresIn, now } = options;
  const presign = createPresigner(options);
  const takeRequest = createRateLimiter(policy.rateLimit);

  return async function signRequest(principal, asked, record) {
    const date = now();
    takeRequest(principal, date);
    const decision = authorize(policy, { principal, ...asked, now: date });
    const { effect, statement } = decision;
    record.note({ decision: effect, ...(statement === undefined ? {} : { statement }) });
    if (decision.effect === "deny") throw toRefusal(decision, principal, policy);
    const endSigning = record.startSigning();
    const presigned = await presign(
      asked.operation,
      decision.headers,
      Math.min(expiresIn, decision.expiresIn ?? expiresIn),
    );
    endSigning();
    return presigned;
  };
}
